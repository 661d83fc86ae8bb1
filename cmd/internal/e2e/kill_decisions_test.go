package e2e

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// patience is for what has no bound of its own, beside other tests.
const patience = 2 * time.Minute

// decisions are what people ask for after an import, in this order, and how the
// command for it ends. Writes is a table that only its apply writes.
var decisions = []struct {
	name   string
	code   int
	writes string
	args   func(t *testing.T, c *pgx.Conn, importID string) []string
}{
	{"merge", 0, "prospects", func(t *testing.T, c *pgx.Conn, _ string) []string {
		return append([]string{"merge"}, column[string](t, c, "select prospect_id from bateia.prospects order by 1 limit 2")...)
	}},
	{"split", 0, "prospects", func(t *testing.T, c *pgx.Conn, _ string) []string {
		return append([]string{"split"}, column[string](t, c, `select unnest(array[prospect_id, format('%s:%s', bateia.import_id_text(lead_imports[1]), lead_rows[1])])
			from (select * from bateia.prospects where cardinality(lead_rows) > 1 order by prospect_id desc limit 1) p`)...)
	}},
	{"redo", 3, "row_outcomes", func(_ *testing.T, _ *pgx.Conn, importID string) []string {
		return []string{"redo", importID, "--set", "status=novo"}
	}},
	{"undo", 0, "prospects", func(*testing.T, *pgx.Conn, string) []string { return []string{"undo", "last"} }},
}

// killAfterwards kills the program in what comes after an import: while its datasets
// are written, and then in everything that people ask for. Started again it ends
// each time as where nothing disturbed it.
func (c *crashTest) killAfterwards(t *testing.T) {
	const slug = "kill-afterwards"
	c.begin(t, c.s, slug)
	imported := false
	t.Run("datasets", func(t *testing.T) { imported = c.killDatasets(t, slug) })
	if !imported {
		return
	}
	c.killDecisions(t, slug)
}

// killDatasets kills the program when an import is committed and its datasets are
// about to be announced. The import stays applied, and the bucket gets what the
// undisturbed one has.
func (c *crashTest) killDatasets(t *testing.T, slug string) bool {
	written := func(conn *pgx.Conn) func() (bool, error) {
		return func() (bool, error) {
			open := column[int](t, conn, "select count(*) from bateia.work where phase = 'datasets' and state <> 'done'")
			return open[0] == 0, nil
		}
	}
	conn := c.s.conn(t, slug)
	eventually(t, patience, "the datasets of the first file are written", written(conn))
	unlock := c.block(t, "dataset_files")
	defer unlock()
	key := "uploads/" + slug + "/" + fileName
	c.s.drop(t, key, c.file)
	c.blocked(t)
	killed := watcher{conn: conn, key: key}.read(t)
	if killed.state != "applied" || killed.phase("datasets") != (workRow{"datasets", "running", 1}) {
		t.Errorf("killed at %q, want datasets written from what was just applied", killed)
	}
	c.killAndRestart(t)

	conn = c.s.conn(t, slug)
	eventually(t, recoverWithin, "the datasets are written after the restart", written(conn))
	t.Logf("killed at: %s", killed)
	compare(t, c.known, c.conn, conn)
	eventually(t, patience, "the undisturbed ones are written", written(c.conn))
	const files = `select format('%s of import %s: %s rows', dataset, dense_rank() over (order by import_id), rows) from bateia.dataset_files order by 1`
	if diff := cmp.Diff(column[string](t, c.conn, files), column[string](t, conn, files)); diff != "" {
		t.Errorf("datasets (-want +got):\n%s", diff)
	}
	for _, k := range column[string](t, conn, "select key from bateia.dataset_files") {
		if _, err := c.s.get(t.Context(), k); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	return !t.Failed()
}

// killDecisions kills the program while it writes what people asked for. It changes
// the undisturbed account as well.
func (c *crashTest) killDecisions(t *testing.T, slug string) {
	key := func(slug string) string { return "uploads/" + slug + "/" + fileName }
	calmID, importID := c.calm.await(t, key("calm"), 1).ImportID, c.s.await(t, key(slug), 1).ImportID
	last, err := strconv.ParseInt(importID, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decisions {
		t.Run(d.name, func(t *testing.T) {
			c.calm.must(t, d.code, append(d.args(t, c.conn, calmID), "--account", "calm")...)

			conn := c.s.conn(t, slug)
			unlock := c.block(t, d.writes)
			defer unlock()
			args := append(d.args(t, conn, importID), "--account", slug, "--data-dir", c.s.dir)
			asked, err := spawn(filepath.Join(t.TempDir(), d.name), c.s.work, c.s.given, args...)
			if err != nil {
				t.Fatal(err)
			}
			w := watcher{conn: conn, after: last}
			c.blocked(t)
			killed := w.read(t)
			c.killAndRestart(t)
			<-asked.done // whatever it says: its servers were gone

			w.conn = c.s.conn(t, slug)
			eventually(t, recoverWithin, "it is done after the restart", func() (bool, error) { return w.read(t).state == "applied", nil })
			if killed.phase("apply") != (workRow{"apply", "running", 1}) || killed.importID != w.read(t).importID {
				t.Errorf("killed at %q, which is not where it writes", killed)
			}
			t.Logf("killed at: %s", killed)
			last = killed.importID
			compare(t, digest(t, c.conn), c.conn, w.conn)
		})
		if t.Failed() {
			return
		}
	}
}

// block keeps everybody from writing to a table until the program is killed or the
// lock is given back.
func (c *crashTest) block(t *testing.T, table string) (unlock func()) {
	t.Helper()
	conn := c.s.connect(t, "database_url")
	for _, sql := range []string{"begin", "lock table bateia." + table + " in share mode"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return func() { conn.Close(t.Context()) }
}

// blocked waits until somebody waits to write.
func (c *crashTest) blocked(t *testing.T) {
	t.Helper()
	conn := c.s.connect(t, "database_url")
	eventually(t, patience, "somebody waits to write", func() (bool, error) {
		return column[bool](t, conn, "select exists (select from pg_locks where not granted and mode = 'RowExclusiveLock')")[0], nil
	})
}
