package postgrestest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func readState(t *testing.T, base string) state {
	t.Helper()
	var st state
	b, err := os.ReadFile(statePath(base))
	if err == nil {
		err = json.Unmarshal(b, &st)
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// TestSharedServer: processes that come at once share one server, it outlives
// the one that started it, and goes with the last one though all are killed.
func TestSharedServer(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	users := make(chan *user)
	for range 3 {
		go func() { users <- startUser(t, base) }()
	}
	a, b, c := <-users, <-users, <-users
	if a.address != b.address || b.address != c.address {
		t.Errorf("servers at %s, %s, %s; want one", a.address, b.address, c.address)
	}
	dir := readState(t, base).Dir
	a.kill(t)
	b.kill(t)
	began := time.Now()
	waitUntil(t, "in use for longer than the grace", func() bool { return time.Since(began) > 1500*time.Millisecond })
	late := startUser(t, base)
	if late.address != c.address {
		t.Errorf("a late user got %s, want %s", late.address, c.address)
	}
	c.kill(t)
	if !running(dir) {
		t.Error("the server went before its last user")
	}
	late.kill(t)
	waitUntil(t, "server gone", func() bool { return !running(dir) })
	waitUntil(t, "data gone", func() bool { return len(serverDirs(t, base)) == 0 })

	next := startUser(t, base)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the first server's folder is still there")
	}
	next.kill(t)
	waitUntil(t, "next server's data gone", func() bool { return len(serverDirs(t, base)) == 0 })
}

// TestKeeperKilled: nothing ends a server that lost its keeper but the next
// user, who does not trust it.
func TestKeeperKilled(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	first := startUser(t, base)
	st := readState(t, base)
	old := st.Dir
	if err := syscall.Kill(keeperOf(t, old), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	first.kill(t)
	waitUntil(t, "pipe without reader", func() bool {
		users, err := joinPipe(st.Pipe)
		if err == nil {
			users.Close()
		}
		return err != nil
	})
	second := startUser(t, base)
	if second.address == first.address {
		t.Error("the second user got the server that nobody keeps")
	}
	if running(old) {
		t.Error("the old server still runs")
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the old server's data is still there")
	}
	second.kill(t)
	waitUntil(t, "data gone", func() bool { return len(serverDirs(t, base)) == 0 })
}

// keeperOf finds the shell that was started with a server's folder.
func keeperOf(t *testing.T, dir string) int {
	t.Helper()
	out, err := exec.Command("ps", "-axww", "-o", "pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if i := strings.Index(line, "keep-postgres "+dir+" "); i >= 0 {
			pid, err := strconv.Atoi(strings.Fields(line)[0])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("no keeper found")
	return 0
}

// TestJoinClosing: a pipe that nobody reads, or that lost its name, is no way in.
func TestJoinClosing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users")
	users, reader, err := openPipe(path)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	second, err := joinPipe(path)
	if err != nil {
		t.Fatalf("join while somebody reads: %v", err)
	}
	second.Close()

	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err := joinPipe(path); err == nil {
		f.Close()
		t.Error("joined a pipe that nobody reads")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if f, err := joinPipe(path); err == nil {
		f.Close()
		t.Error("joined a pipe without a name")
	}
}

func TestForeignFolder(t *testing.T) {
	t.Parallel()
	base := filepath.Join(t.TempDir(), "base")
	if err := os.Symlink(t.TempDir(), base); err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(t.Context(), base, 0); err == nil {
		t.Error("followed a symlink that somebody may have put there")
	}
}
