package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bateia/bateia/pipeline/postgres/localpg"
)

//go:embed keeper.sh
var keeperScript string

// grace is how long a server waits for the next test binary: linking one takes
// a few seconds, a new server with its templates about three.
const grace = 10 * time.Second

// pipeName is where the pipe of users lies in a server's folder.
const pipeName = "data/users"

// hba lets the project's roles in without a look at the password.
const hba = `# Written at every start.
host all bateia_owner,bateia_worker,bateia_analyst 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`

// server is the shared server as one test binary uses it.
type server struct {
	localpg.Endpoint
	admin *pgxpool.Pool // as superuser in database postgres
	users *os.File      // open for as long as the server is needed
}

// state names the current server in the folder all test binaries know.
type state struct {
	Dir  string `json:"dir"`  // localpg's data directory
	Pipe string `json:"pipe"` // the named pipe of its users
}

var (
	sharedMu sync.Mutex
	shared   *server // for the life of the process
)

// use returns the server of this process; the first call finds or starts it.
func use(ctx context.Context) (*server, error) {
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if shared != nil {
		return shared, nil
	}
	base := filepath.Join(os.TempDir(), "bateia-postgrestest-"+strconv.Itoa(os.Geteuid()))
	s, err := acquire(ctx, base, grace)
	if err != nil {
		return nil, err
	}
	shared = s
	return s, nil
}

// acquire finds the server that the folder base names, or starts one. Processes
// take turns.
func acquire(ctx context.Context, base string, grace time.Duration) (*server, error) {
	if err := ownFolder(base); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(base, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock test server: %w", err)
	}
	defer lock.Close()
	if err := flock(lock, syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock test server: %w", err)
	}
	defer flock(lock, syscall.LOCK_UN) // at the latest the kernel does it
	if s := attach(ctx, base); s != nil {
		return s, nil
	}
	if err := sweep(ctx, base); err != nil {
		return nil, err
	}
	return launch(ctx, base, grace)
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// ownFolder makes the folder, or refuses one that another user may write to:
// the temporary directory is everybody's. Root's server runs as another user,
// who must be able to pass.
func ownFolder(base string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(base, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make folder of test server: %w", err)
	}
	fi, err := os.Lstat(base)
	if err != nil {
		return fmt.Errorf("make folder of test server: %w", err)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.IsDir() || int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("make folder of test server: %s belongs to somebody else", base)
	}
	return os.Chmod(base, mode)
}

func statePath(base string) string { return filepath.Join(base, "current.json") }

// attach joins the current server. Nil means that there is none that will stay.
func attach(ctx context.Context, base string) *server {
	b, err := os.ReadFile(statePath(base))
	if err != nil {
		return nil
	}
	var st state
	if json.Unmarshal(b, &st) != nil {
		return nil
	}
	users, err := joinPipe(st.Pipe)
	if err != nil {
		return nil // no keeper reads it, or it is closing
	}
	endpoint, err := localpg.Attach(st.Dir)
	if err != nil {
		users.Close()
		return nil
	}
	s, err := newServer(ctx, endpoint, users)
	if err != nil {
		users.Close()
		return nil
	}
	return s
}

// joinPipe opens the writing end and says so with a byte. The keeper removes
// the pipe's name before it stops the server and then waits for everybody who
// has it open, so whoever still sees the name afterwards is safe.
func joinPipe(path string) (*os.File, error) {
	// O_NONBLOCK makes the open fail when nobody reads.
	users, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if _, err := users.Write([]byte{'.'}); err != nil {
		users.Close()
		return nil, err
	}
	mine, err1 := users.Stat()
	named, err2 := os.Stat(path)
	if err := errors.Join(err1, err2); err != nil || !os.SameFile(mine, named) {
		users.Close()
		return nil, errors.Join(errors.New("test server is closing"), err)
	}
	return users, nil
}

// serverPrefixes are how the folders of servers begin, the best place first.
// In memory they carry a hash of the base, to be told from those of others.
func serverPrefixes(base string) []string {
	prefixes := []string{filepath.Join(base, "server-")}
	if memory := memoryFolder(); memory != "" {
		sum := sha256.Sum256([]byte(base))
		prefixes = append([]string{filepath.Join(memory, fmt.Sprintf("bateia-postgrestest-%d-%x-", os.Geteuid(), sum[:6]))}, prefixes...)
	}
	return prefixes
}

// sweep deletes what servers before left. Those whose keeper still lives are
// going down and delete themselves.
func sweep(ctx context.Context, base string) error {
	var old []string
	for _, prefix := range serverPrefixes(base) {
		found, err := filepath.Glob(prefix + "*")
		if err != nil {
			return fmt.Errorf("clear old test servers: %w", err)
		}
		old = append(old, found...)
	}
	for _, dir := range old {
		if err := localpg.Remove(ctx, dir); err != nil && !errors.Is(err, localpg.ErrInUse) && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear old test servers: %w", err)
		}
	}
	return nil
}

// launch starts a server with its keeper.
func launch(ctx context.Context, base string, grace time.Duration) (*server, error) {
	st := state{Dir: serverPrefixes(base)[0] + strings.ToLower(rand.Text()[:12])}
	var users, reader *os.File
	opts := localpg.Options{DataDir: st.Dir, CacheDir: repoCache(), NoFsync: true, Settings: map[string]string{
		"max_connections": "300", // several binaries with parallel tests and pools
		"shared_buffers":  "128MB",
		// A worker that looks into a template would hold up its clones.
		"autovacuum": "off",
		// Inside the data directory, so that nothing stays after a kill -9.
		"dynamic_shared_memory_type": "mmap",
		// As little log as possible: it is written to memory, and for nothing.
		"max_wal_size": "256MB", "wal_level": "minimal", "max_wal_senders": "0", "wal_compression": "off",
	}}
	endpoint, err := localpg.StartDetached(ctx, opts, func(cmd *exec.Cmd, dir string) error {
		users.Close() // of an earlier try
		reader.Close()
		var err error
		st.Pipe = filepath.Join(dir, pipeName)
		users, reader, err = openPipe(st.Pipe)
		if err != nil {
			return fmt.Errorf("make pipe of users: %w", err)
		}
		return keep(cmd, dir, reader, grace)
	})
	reader.Close() // from here on only the keeper reads
	if err != nil {
		users.Close()
		return nil, err
	}
	s, err := newServer(ctx, endpoint, users)
	if err == nil {
		err = writeState(base, st)
	}
	if err != nil {
		users.Close() // the keeper ends the server
		return nil, err
	}
	return s, nil
}

// openPipe makes a named pipe and returns its writing end, joined, and its
// reading end.
func openPipe(path string) (users, reader *os.File, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, nil, err
	}
	// Open for both at first, so that neither open waits for the other.
	both, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	defer both.Close()
	// Not by os.OpenFile, which may make reading non-blocking for the keeper.
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	reader = os.NewFile(uintptr(fd), path)
	if users, err = joinPipe(path); err != nil {
		reader.Close()
		return nil, nil, err
	}
	return users, reader, nil
}

// keep puts the keeper before the server's command.
func keep(cmd *exec.Cmd, dir string, reader *os.File, grace time.Duration) error {
	// The file exists and belongs to the server's user; writing keeps that.
	if err := os.WriteFile(filepath.Join(dir, "data", "pg_hba.conf"), []byte(hba), 0o600); err != nil {
		return fmt.Errorf("open test server to the project's roles: %w", err)
	}
	seconds := strconv.Itoa(int(grace / time.Second))
	cmd.Args = append([]string{"sh", "-c", keeperScript, "keep-postgres", dir, seconds}, cmd.Args...)
	cmd.Path, cmd.Stdin = "/bin/sh", reader
	return nil
}

func writeState(base string, st state) error {
	b, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("note test server: %w", err)
	}
	tmp := statePath(base) + ".tmp"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("note test server: %w", err)
	}
	if err := os.Rename(tmp, statePath(base)); err != nil {
		return fmt.Errorf("note test server: %w", err)
	}
	return nil
}

// newServer connects to a server: what cannot be reached is none.
func newServer(ctx context.Context, endpoint localpg.Endpoint, users *os.File) (*server, error) {
	cfg, err := pgxpool.ParseConfig(endpoint.URL(localpg.Superuser, "postgres"))
	if err != nil {
		return nil, fmt.Errorf("connect to test server: %w", err)
	}
	cfg.MaxConns = 4
	cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	// The pool lives as long as the process, so not with the first test.
	admin, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to test server: %w", err)
	}
	if err := admin.Ping(ctx); err != nil {
		admin.Close()
		return nil, fmt.Errorf("connect to test server: %w", err)
	}
	return &server{Endpoint: endpoint, admin: admin, users: users}, nil
}
