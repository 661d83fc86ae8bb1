package localpg

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	pwFile          = "password"         // only while initdb runs
	credentialsFile = "credentials.json" // in PGDATA, so that both appear at once
)

// credentials are what a cluster was made with.
type credentials struct {
	// Cluster is its cluster_name: random, in the command line of the
	// postmaster and in the title of each of its processes, which is how they
	// are recognized after a crash.
	Cluster string `json:"cluster"`
	// Secret is what every password is derived from.
	Secret string `json:"secret"`
}

func newCredentials() credentials {
	b := make([]byte, 8+32)
	rand.Read(b) // never fails
	return credentials{Cluster: "bateia-" + hex.EncodeToString(b[:8]), Secret: hex.EncodeToString(b[8:])}
}

func readCredentials(data string) (credentials, error) {
	var c credentials
	f, err := openOwn(filepath.Join(data, credentialsFile), os.O_RDONLY)
	if err != nil {
		return c, fmt.Errorf("read credentials: %w", err)
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, 4096)).Decode(&c); err != nil {
		return c, fmt.Errorf("read credentials: %w", err)
	}
	if c.Cluster == "" || c.Secret == "" {
		return c, errors.New("read credentials: incomplete")
	}
	return c, nil
}

// clusterMajor returns the major version of the cluster in data, 0 when there
// is none.
func clusterMajor(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read cluster version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read cluster version: %w", err)
	}
	return major, nil
}

// initialize makes a new cluster beside its final place and renames it, so
// that a crash leaves either nothing or all of it.
func (h *home) initialize(ctx context.Context, bin Binaries, opts Options) (credentials, error) {
	c := newCredentials()
	tmp := h.path(unfinished)
	if err := os.RemoveAll(tmp); err != nil {
		return c, fmt.Errorf("clear unfinished cluster: %w", err)
	}
	pw := h.path(pwFile)
	defer os.Remove(pw)
	secret := Endpoint{secret: []byte(c.Secret)}
	if err := h.write(pw, []byte(secret.Password(Superuser)+"\n")); err != nil {
		return c, fmt.Errorf("write password file: %w", err)
	}
	args := []string{"-D", tmp, "--username=" + Superuser, "--pwfile=" + pw, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions"}
	if opts.NoFsync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, bin.path("initdb"), args...)
	cmd.Env, cmd.Dir = environment(bin), h.dir
	cmd.SysProcAttr = childAttr(h.who)
	if out, err := onOwnThread(cmd.CombinedOutput); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return c, broken("make cluster", err, tail(out))
	}
	b, err := json.Marshal(c)
	if err != nil {
		return c, fmt.Errorf("write credentials: %w", err)
	}
	if err := h.write(filepath.Join(tmp, credentialsFile), b); err != nil {
		return c, fmt.Errorf("write credentials: %w", err)
	}
	if err := os.Rename(tmp, h.data()); err != nil {
		return c, fmt.Errorf("finish cluster: %w", err)
	}
	if opts.NoFsync {
		return c, nil
	}
	return c, syncDir(h.dir)
}

// write replaces a file of the home with one the server's user can read.
func (h *home) write(path string, b []byte) error {
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := openOwn(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = h.who.give(tmp)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	err = d.Sync()
	if err := errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return nil
}

// defaults fit a laptop with two cores that has other things to do.
var defaults = map[string]string{
	"listen_addresses":        "127.0.0.1",
	"unix_socket_directories": "", // none: another way in that needs another guard
	"max_connections":         "100",
	"password_encryption":     "scram-sha-256",

	"shared_buffers":     "256MB",
	"wal_compression":    "on",
	"max_wal_size":       "2GB",
	"checkpoint_timeout": "15min",
	"random_page_cost":   "1.1",
	"jit":                "off", // compiling costs more than these queries do

	"timezone":     "UTC",
	"log_timezone": "UTC",
	"lc_messages":  "C", // the log is read for reasons of a failed start

	// A statement's error message carries cell values (`invalid input syntax
	// for type date: "…"`), and the client receives it anyway. Level log keeps
	// starts, stops, crashes and recovery, and drops what statements caused;
	// terse drops the details, where a crash quotes its statement.
	"log_min_messages":            "log",
	"log_min_error_statement":     "panic",
	"log_error_verbosity":         "terse",
	"log_statement":               "none",
	"log_checkpoints":             "off",
	"log_parameter_max_length":    "0",
	"log_min_duration_statement":  "-1",
	"log_autovacuum_min_duration": "-1",
	"log_line_prefix":             "%m [%p] ",
}

// hba admits nobody without a password, and nobody from another machine.
const hba = `# Written at every start.
host all all 127.0.0.1/32 scram-sha-256
`

// configure writes the cluster's settings. They are written at every start, so
// that a cluster of an older program gets what this one needs.
func (h *home) configure(opts Options) error {
	settings := make(map[string]string, len(defaults))
	for name, value := range defaults {
		settings[name] = value
	}
	if opts.NoFsync {
		settings["fsync"], settings["full_page_writes"], settings["synchronous_commit"] = "off", "off", "off"
	}
	for name, value := range opts.Settings {
		settings[name] = value
	}
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	var conf strings.Builder
	conf.WriteString("# Written at every start.\n")
	quote := strings.NewReplacer(`'`, `''`, `\`, `\\`)
	for _, name := range names {
		fmt.Fprintf(&conf, "%s = '%s'\n", name, quote.Replace(settings[name]))
	}
	for name, text := range map[string]string{"postgresql.conf": conf.String(), "pg_hba.conf": hba} {
		if err := h.write(filepath.Join(h.data(), name), []byte(text)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
