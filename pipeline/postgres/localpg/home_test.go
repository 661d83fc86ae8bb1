package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hidden is a folder that only root may enter, and options for a server below
// it that keep off the machine's own /var/lib/bateia.
func hidden(t *testing.T) Options {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	root := tempDir(t)
	if err := os.Mkdir(filepath.Join(root, "hidden"), 0o700); err != nil {
		t.Fatal(err)
	}
	opts := testOptions(filepath.Join(root, "hidden", "app", "pg"))
	opts.sharedHome = filepath.Join(root, "shared")
	return opts
}

// TestMovedHome: below a folder that others cannot enter, root's server lives
// elsewhere, comes back there, and is new when its folder was removed.
func TestMovedHome(t *testing.T) {
	t.Parallel()
	opts := hidden(t)
	runs := func(sql string) string {
		t.Helper()
		s, err := Start(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		conn := connect(t, s.URL(Superuser, "postgres"))
		got := queryString(t, conn, sql)
		if filepath.Dir(s.DataDir) != opts.sharedHome {
			t.Errorf("lives in %s, want a folder of %s", s.DataDir, opts.sharedHome)
		}
		modes(t, s.DataDir)
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		return got
	}
	const mark = "select shobj_description(oid, 'pg_database') from pg_database where datname = 'postgres'"
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, connect(t, s.URL(Superuser, "postgres")), "comment on database postgres is 'ours'")
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := runs(mark); got != "ours" {
		t.Errorf("after a restart the database says %q", got)
	}

	if err := os.RemoveAll(opts.DataDir); err != nil {
		t.Fatal(err)
	}
	if got := runs("select (shobj_description(oid, 'pg_database') is distinct from 'ours')::text from pg_database where datname = 'postgres'"); got != "true" {
		t.Error("the old data came back after its folder was removed")
	}
	if !exists(s.DataDir + ".old") {
		t.Error("the old cluster was not set aside")
	}

	if err := remove(t.Context(), opts.withDefaults()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(opts.sharedHome + "/*")
	if err != nil || len(left) > 0 || exists(opts.DataDir) {
		t.Errorf("left after remove: %v, %v", left, err)
	}
}

// TestHomesOfTrials: a home whose temporary folder is gone goes with the next
// start; one in use, and one whose folder was elsewhere, stay.
func TestHomesOfTrials(t *testing.T) {
	t.Parallel()
	opts := hidden(t)
	homeOf := func(dir string) *Server {
		t.Helper()
		o := opts
		o.DataDir = filepath.Join(filepath.Dir(opts.DataDir), dir)
		return newServer(t, o)
	}
	gone, used, kept := homeOf("gone"), homeOf("used"), homeOf("kept")
	for _, s := range []*Server{gone, kept} {
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Dir(opts.DataDir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kept.DataDir, wantedFile), []byte("/mnt/not-mounted/pg\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	homeOf("next")
	got := []bool{exists(gone.DataDir), exists(used.DataDir), exists(kept.DataDir)}
	if diff := cmp.Diff([]bool{false, true, true}, got); diff != "" {
		t.Errorf("homes of gone, used, kept: mismatch (-want +got):\n%s", diff)
	}
}

func TestHomeBecomesHidden(t *testing.T) {
	t.Parallel()
	opts := hidden(t)
	above := filepath.Dir(filepath.Dir(opts.DataDir))
	if err := os.Chmod(above, 0o755); err != nil {
		t.Fatal(err)
	}
	newServer(t, opts).Stop(t.Context())
	if err := os.Chmod(above, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), opts); !errors.Is(err, ErrForeign) {
		t.Errorf("start of an unreachable cluster: %v, want ErrForeign, not an empty one", err)
	}
}

// TestGoesOnAsOwner: root runs a cluster as whoever owns it.
func TestGoesOnAsOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	dir := filepath.Join(tempDir(t), "pg")
	h := &home{dir: dir, wanted: dir, who: &account{name: "nobody", uid: 65534, gid: 65534}}
	if err := h.open(); err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), testOptions(dir).withDefaults(), h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = newServer(t, testOptions(dir))
	procs, err := processesOf(queryString(t, connect(t, s.URL(Superuser, "postgres")), "show cluster_name"), 65534)
	if err != nil || len(procs) == 0 {
		t.Errorf("no processes of nobody: %v", err)
	}
}

func TestRealPath(t *testing.T) {
	t.Parallel()
	root := tempDir(t)
	if err := os.Mkdir(root+"/real", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", root+"/link"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range []string{"link", "link/not/yet", "real/../link/x", "none/x"} {
		dir, err := realPath(root + "/" + p)
		if err != nil {
			t.Fatal(err)
		}
		got[p] = strings.TrimPrefix(dir, root)
	}
	want := map[string]string{"link": "/real", "link/not/yet": "/real/not/yet", "real/../link/x": "/real/x", "none/x": "/none/x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
