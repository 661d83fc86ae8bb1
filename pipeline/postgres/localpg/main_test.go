package localpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const ownerEnv = "LOCALPG_TEST_OWNER"

// TestMain lets the test binary play the process that owns a server and is
// killed: it starts one on the folder named by the environment, says so, and
// waits for its end.
func TestMain(m *testing.M) {
	dir := os.Getenv(ownerEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	opts := testOptions(dir)
	opts.pipeWatchdog = os.Getenv(ownerEnv+"_PIPE") != ""
	srv, err := Start(context.Background(), opts)
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("ready", srv.Port)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends
	os.Exit(0)                           // without a Stop: exiting is a way to die, too
}

// owner is a process that owns a server.
type owner struct {
	cmd  *exec.Cmd
	in   io.Closer
	port string
}

func startOwner(t *testing.T, dir string, env ...string) *owner {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), append(env, ownerEnv+"="+dir)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	port, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		cmd.Process.Kill()
		t.Fatalf("owner said %q: %v", line, err)
	}
	return &owner{cmd: cmd, in: in, port: port}
}

func kill(t *testing.T, o *owner) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.cmd.Wait() // "signal: killed"
}

// tempDir is a folder that the server's user can reach: t.TempDir lies in one
// that only its owner may enter, which matters when the tests run as root.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func testOptions(dir string) Options {
	return Options{DataDir: dir, NoFsync: true, Settings: map[string]string{"shared_buffers": "16MB"}}
}

// newServer starts a server that the end of the test stops.
func newServer(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func queryString(t *testing.T, conn *pgx.Conn, sql string, args ...any) string {
	t.Helper()
	var s string
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// mustBeGone waits until no process of the cluster in home is left.
func mustBeGone(t *testing.T, home string) {
	t.Helper()
	creds, err := readCredentials(filepath.Join(home, clusterDir))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	gone, err := waitGone(t.Context(), creds.Cluster, ownerOf(t, home), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !gone {
		t.Fatal("postgres is still there after 20 s")
	}
	t.Logf("gone after %s", time.Since(began).Round(time.Millisecond))
}
