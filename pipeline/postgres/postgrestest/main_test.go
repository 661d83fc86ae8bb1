package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/postgres/localpg"
)

const userEnv = "POSTGRESTEST_TEST_USER"

// TestMain lets the test binary play another test binary: it uses the server
// of the folder named by the environment until it is killed or let go.
func TestMain(m *testing.M) {
	base := os.Getenv(userEnv)
	if base == "" {
		os.Exit(m.Run())
	}
	s, err := acquire(context.Background(), base, time.Second)
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("ready", s)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// user is another process that uses a server.
type user struct {
	cmd     *exec.Cmd
	address string
}

func startUser(t *testing.T, base string) *user {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), userEnv+"="+base)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("user said %q: %v", line, err)
	}
	return &user{cmd: cmd, address: address}
}

func (u *user) kill(t *testing.T) {
	t.Helper()
	if err := u.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = u.cmd.Wait() // "signal: killed"
}

// newBase is a folder for servers apart from the machine's shared one.
func newBase(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "postgrestest")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(dir, "base")
	t.Cleanup(func() {
		// What a test left running is none of anybody's by now.
		if err := errors.Join(sweep(context.Background(), base), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	return base
}

// serverDirs lists the folders of servers that still hold something.
func serverDirs(t *testing.T, base string) []string {
	t.Helper()
	var all []string
	for _, prefix := range serverPrefixes(base) {
		found, err := filepath.Glob(prefix + "*/*")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// waitUntil asks until it is so.
func waitUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("after 30 s not yet: %s", what)
		}
		<-tick.C
	}
	t.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
}

func running(dir string) bool {
	_, err := localpg.Attach(dir)
	return err == nil
}
