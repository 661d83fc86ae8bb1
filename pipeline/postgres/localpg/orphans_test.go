package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOwnerDies: whatever happens to the owner, the server goes with it, and
// the next start finds everything that was committed.
func TestOwnerDies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  []string
		die  func(*testing.T, *owner)
	}{
		{"kill -9", nil, kill},
		{"kill -9, pipe watchdog", []string{ownerEnv + "_PIPE=1"}, kill},
		{"exit without stop", nil, func(t *testing.T, o *owner) {
			o.in.Close()
			if err := o.cmd.Wait(); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(tempDir(t), "pg")
			o := startOwner(t, dir, tt.env...)
			e, err := Attach(dir)
			if err != nil {
				t.Fatal(err)
			}
			if strconv.Itoa(e.Port) != o.port {
				t.Errorf("attached to port %d, want %s", e.Port, o.port)
			}
			conn := connect(t, e.URL(Superuser, "postgres"))
			mustExec(t, conn, "create table kept as select 42 as n")
			tt.die(t, o)
			mustBeGone(t, dir)
			s := newServer(t, testOptions(dir))
			if got := queryString(t, connect(t, s.URL(Superuser, "postgres")), "select n::text from kept"); got != "42" {
				t.Errorf("kept %s, want 42", got)
			}
		})
	}
}

// TestRestartAtOnce starts again while the old server may still go down.
func TestRestartAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	o := startOwner(t, dir)
	e, err := Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, connect(t, e.URL(Superuser, "postgres")),
		"create table kept as select 42 as n, repeat('x', 100) from generate_series(1, 200000)")
	kill(t, o)
	s := newServer(t, testOptions(dir))
	if got := queryString(t, connect(t, s.URL(Superuser, "postgres")), "select count(*)::text from kept"); got != "200000" {
		t.Errorf("kept %s rows, want 200000", got)
	}
}

// TestOrphans: a server that runs without an owner is stopped first, also when
// its postmaster was killed and a busy backend keeps the shared memory.
func TestOrphans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		killPostmaster bool
	}{
		{"server without owner", false},
		{"backends without postmaster", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(tempDir(t), "pg")
			opts := testOptions(dir)
			e, err := StartDetached(t.Context(), opts, func(cmd *exec.Cmd, _ string) error {
				cmd.ExtraFiles = nil // no keeper: nobody owns the directory
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := Remove(context.Background(), dir); err != nil {
					t.Error(err)
				}
			})
			conn := connect(t, e.URL(Superuser, "postgres"))
			old, err := readPIDFile(filepath.Join(dir, clusterDir))
			if err != nil {
				t.Fatal(err)
			}
			if tt.killPostmaster {
				pid := conn.PgConn().PID()
				// Busy, without a look at whether the postmaster lives.
				go conn.Exec(context.Background(), "select count(*) from generate_series(1, 1000000000) a, generate_series(1, 1000) b where a = b")
				watch := connect(t, e.URL(Superuser, "postgres"))
				for queryString(t, watch, "select count(*)::text from pg_stat_activity where state = 'active' and pid = $1::int", pid) == "0" {
					continue
				}
				if err := syscall.Kill(old.pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			s := newServer(t, opts)
			if s.proc.cmd.Process.Pid == old.pid {
				t.Error("the old postmaster goes on")
			}
			connect(t, s.URL(Superuser, "postgres"))
		})
	}
}

// TestStalePIDFile: the number in the file of a dead postmaster belongs to a
// living process of the same user that has nothing to do with it. Postgres by
// itself would not start then.
func TestStalePIDFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	s, err := Start(t.Context(), testOptions(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := exec.Command("/bin/cat")
	other.Dir, other.SysProcAttr = s.DataDir, detachedAttr(s.home.who)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := other.Wait(); err != nil {
			t.Errorf("the other process did not end by itself: %v", err)
		}
	})
	stale := fmt.Sprintf("%d\n%s\n1700000000\n%d\n\n127.0.0.1\n  123 456\nready   \n", other.Process.Pid, s.home.data(), s.Port)
	if err := s.home.write(filepath.Join(s.home.data(), "postmaster.pid"), []byte(stale)); err != nil {
		t.Fatal(err)
	}
	newServer(t, testOptions(dir))
}

// TestKeeperOwns: who keeps the lock's descriptor open owns the directory.
func TestKeeperOwns(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "pg")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_, err = StartDetached(t.Context(), testOptions(dir), func(cmd *exec.Cmd, _ string) error {
		cmd.Args = append([]string{"sh", "-c", `"$@" 3<&- & read -r _; kill -INT $!; wait`, "keep"}, cmd.Args...)
		cmd.Path, cmd.Stdin = "/bin/sh", r
		return nil
	})
	r.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := Remove(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Errorf("remove under a living keeper: %v, want ErrInUse", err)
	}
	w.Close()
	mustBeGone(t, dir)
}

func TestParsePS(t *testing.T) {
	t.Parallel()
	got := parsePS("    1     0 /sbin/init splash\n  812 501 postgres: bateia-0a: checkpointer \n913 -2 /bin/x -c a\nnonsense\n")
	want := []proc{
		{pid: 1, uid: 0, command: "/sbin/init splash"},
		{pid: 812, uid: 501, command: "postgres: bateia-0a: checkpointer"},
		{pid: 913, uid: 4294967294, command: "/bin/x -c a"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(proc{})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestProcesses compares what the system tells of a running server in the two
// ways there are.
func TestProcesses(t *testing.T) {
	t.Parallel()
	ps, err := exec.LookPath("ps")
	if err != nil {
		t.Skip("no ps here")
	}
	s := newServer(t, testOptions(filepath.Join(tempDir(t), "pg")))
	creds, err := readCredentials(s.home.data())
	if err != nil {
		t.Fatal(err)
	}
	own, err := processesOf(creds.Cluster, ownerOf(t, s.DataDir))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(ps, "-axww", "-o", "pid=,uid=,command=").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, p := range parsePS(string(out)) {
		seen[p.pid] = strings.Contains(p.command, creds.Cluster)
	}
	if len(own) < 4 {
		t.Errorf("%d processes, want the postmaster and its children", len(own))
	}
	for _, p := range own {
		if !seen[p.pid] {
			t.Errorf("ps does not show %+v", p)
		}
	}
}
