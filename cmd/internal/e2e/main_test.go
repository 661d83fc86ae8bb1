package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// root is the folder of everything that a run of these tests makes.
var root string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	var err error
	if root, err = os.MkdirTemp("", "bateia-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(root)
	defer func() {
		if shared.stack != nil {
			shared.stack.end()
		}
	}()
	return m.Run()
}

// program builds the binary, once for all tests, and returns where it is.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(root, "bateia")
	build := exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", path, "github.com/bateia/bateia/cmd/bateia")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build bateia: %w\n%s", err, out)
	}
	return path, nil
})

// environ is the environment of the program: nothing of the caller's settings.
func environ(own ...string) []string {
	var out []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BATEIA_") && !strings.HasPrefix(v, "AWS_") {
			out = append(out, v)
		}
	}
	return append(append(out, "BATEIA_LOCALE=en", "BATEIA_SCAN_EVERY=500ms"), own...)
}

// file writes a file for a command.
func file(t testing.TB, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// failer is a test, or a case of a property.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// eventually asks until the answer is true, and fails the test when it is not
// within a time. An error of ask ends it at once.
func eventually(t failer, within time.Duration, what string, ask func() (bool, error)) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		done, err := ask()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not within %s", what, within)
		}
	}
}
