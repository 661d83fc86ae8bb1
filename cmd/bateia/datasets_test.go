package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/objstore"
)

// checkDatasets compares the datasets with what is counted from the files
// themselves, with the views of the same names, and with themselves when they are
// written again.
func (w *world) checkDatasets(t *testing.T) {
	w.awaitDatasets(t)
	w.checkDatasetRows(t)
	w.checkSameViews(t)
	w.checkSameQuestions(t)
	w.checkHive(t)
	w.checkWrittenAgain(t)
}

// exec runs a statement as the owner, with row-level security out of the way.
func (w *world) exec(t *testing.T, statement string) (rows int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.env["BATEIA_ADMIN_DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	tag, err := conn.Exec(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	return tag.RowsAffected()
}

// awaitDatasets waits until nothing is owed any more.
func (w *world) awaitDatasets(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for w.exec(t, "select from bateia.work where state <> 'done'") > 0 {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("datasets are not written")
		}
	}
}

// lines returns the rows of a statement as JSON documents, sorted.
func (w *world) lines(t *testing.T, args ...string) []string {
	t.Helper()
	out := strings.Split(strings.TrimSpace(string(w.run(t, 0, append([]string{"query", "--json"}, args...)...))), "\n")
	slices.Sort(out)
	return slices.DeleteFunc(out, func(line string) bool { return line == "" })
}

// checkDatasetRows: every row that was read is there once, with the one outcome that
// follows from the file.
func (w *world) checkDatasetRows(t *testing.T) {
	var want []string
	for _, f := range w.files {
		if f.undone {
			continue
		}
		seen := map[string]int{}
		n := 0
		for _, row := range f.rows {
			if row.blank {
				continue
			}
			n++
			outcome, reason, first := "created", "CREATED", "null"
			switch at, again := seen[row.phone], seen[row.phone] > 0; {
			case row.code != "":
				outcome, reason = "rejected", row.code
			case again:
				outcome, reason, first = "duplicate", "DUPLICATE_IN_FILE", fmt.Sprint(at)
			case f.known[row.phone]:
				outcome, reason = "known", "KNOWN" // updated or unchanged, by its city
			}
			if row.code == "" && seen[row.phone] == 0 {
				seen[row.phone] = n
			}
			want = append(want, fmt.Sprint(f.account, " ", f.id, " ", n, " ", row.sheet, " ", outcome, " ", reason, " ", first, " ", row.code == ""))
		}
	}
	slices.Sort(want)
	var got []string
	for _, line := range w.lines(t, "--parquet", `select account || ' ' || import_id || ' ' || row || ' ' || sheet_row || ' '
		|| case when outcome in ('updated', 'unchanged') then 'known KNOWN' else outcome || ' ' || reason_code end || ' '
		|| coalesce(first_row::text, 'null') || ' ' || (lead_id is not null and prospect_id is not null) as x from rows`) {
		var row struct{ X string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row.X)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-files +dataset):\n%s", diff)
	}
	ledger := "select import_id, %s from %s order by 1"
	wide := "created, updated, unchanged, duplicate, rejected, skipped, conflict"
	var counts []string
	for _, outcome := range strings.Split(wide, ", ") {
		counts = append(counts, fmt.Sprintf("count(*) filter (where outcome = '%s') as %s", outcome, outcome))
	}
	if diff := cmp.Diff(
		w.lines(t, fmt.Sprintf(ledger, wide, "imports where state = 'applied' and rows_read > 0")),
		w.lines(t, "--parquet", fmt.Sprintf(ledger, strings.Join(counts, ", "), "rows group by import_id")),
	); diff != "" {
		t.Errorf("outcomes (-ledger +rows):\n%s", diff)
	}
}

// sameViews are the views that both engines have, and what is compared of them.
var sameViews = map[string]string{
	"imports": "*", "import_stages": "*", "import_columns": "*", "leads": "*", "prospects": "*", "merges": "*", "codes": "*", "daily": "*", "funnel": "*",
	"sources": "account, source_kind, source_system, source, imports, applied, rejected_files, failed, undone, rows_read, rejected, skipped, conflict, duplicate, refusal_rate, duplicate_rate, prospects_created, first_import_at, last_import_at, last_applied_at",
	// What was taken back counts in Postgres until its history expires.
	"issues": "*", "issue_counts": "*", "quality": "*",
}

func (w *world) checkSameViews(t *testing.T) {
	w.sameViews(t, slices.Sorted(maps.Keys(sameViews))...)
	// The accounts that may be seen are the same.
	if diff := cmp.Diff(w.lines(t, "select distinct account from imports", "--account", "far"), w.lines(t, "--parquet", "select distinct account from imports", "--account", "far")); diff != "" {
		t.Errorf("accounts (-Postgres +datasets):\n%s", diff)
	}
}

// sameViews compares views between the engines, and what they say of refused rows.
func (w *world) sameViews(t *testing.T, views ...string) {
	t.Helper()
	for _, view := range views {
		statement := "select " + sameViews[view] + " from " + view
		if view == "issues" || view == "issue_counts" || view == "quality" {
			statement += " where import_id in (select import_id from imports where state <> 'undone')"
		}
		if diff := cmp.Diff(w.lines(t, statement), w.lines(t, "--parquet", statement)); diff != "" {
			t.Errorf("%s (-Postgres +datasets):\n%s", view, diff)
		}
	}
	refused := "select import_id, account, row, line, sheet_row, source_ref, outcome, reason_code, codes, resolved_by from rows where outcome in ('rejected', 'skipped', 'conflict') and import_id in (select import_id from imports where state <> 'undone')"
	if diff := cmp.Diff(w.lines(t, refused), w.lines(t, "--parquet", refused)); diff != "" {
		t.Errorf("refused rows (-Postgres +datasets):\n%s", diff)
	}
}

func (w *world) checkSameQuestions(t *testing.T) {
	questions, err := readQuestions()
	if err != nil {
		t.Fatal(err)
	}
	live := w.files[slices.IndexFunc(w.files, func(f *worldFile) bool { return !f.undone && f.sums().rejected > 0 })]
	for _, q := range questions {
		args := []string{"--run", q.Name}
		if q.Import {
			args = append(args, live.id)
		}
		ours, theirs := w.lines(t, args...), w.lines(t, append([]string{"--parquet"}, args...)...)
		if q.Name == "freshness" { // of now
			ours, theirs = withoutHours(ours), withoutHours(theirs)
		}
		if diff := cmp.Diff(ours, theirs); diff != "" {
			t.Errorf("--run %s (-Postgres +datasets):\n%s", q.Name, diff)
		}
	}
}

func withoutHours(lines []string) (out []string) {
	for _, line := range lines {
		out = append(out, line[:max(strings.LastIndex(line, `"hours"`), 0)])
	}
	return out
}

// bucket opens the bucket of the world.
func (w *world) bucket(t *testing.T) *objstore.Store {
	t.Helper()
	store, err := objstore.Open(t.Context(), objstore.Config{
		Endpoint: w.env["BATEIA_S3_ENDPOINT"], Region: w.env["BATEIA_S3_REGION"], Bucket: w.env["BATEIA_S3_BUCKET"],
		AccessKeyID: w.env["BATEIA_S3_ACCESS_KEY_ID"], SecretAccessKey: w.env["BATEIA_S3_SECRET_ACCESS_KEY"],
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// reports returns the objects of the datasets.
func (w *world) reports(t *testing.T) (list []objstore.Object) {
	t.Helper()
	for page, err := range w.bucket(t).List(t.Context(), "reports/", "") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page.Objects...)
	}
	return list
}

// checkHive reads the files as anybody would, without a word of ours.
func (w *world) checkHive(t *testing.T) {
	dir := t.TempDir()
	for _, o := range w.reports(t) {
		path := filepath.Join(dir, filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := w.bucket(t).Download(t.Context(), o, path, nil); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, f := range w.files {
		var rows int
		day := f.at.In(w.clock[f.account]).Format(time.DateOnly)
		err := db.QueryRowContext(t.Context(), "select count(*) from read_parquet('"+dir+"/reports/rows/*/*/*.parquet', hive_partitioning = true) where account = ? and date = ?::date and import_id = ? and outcome is not null and reason_code is not null",
			f.account, day, f.id).Scan(&rows)
		want := f.sums().read
		if f.undone {
			want = 0
		}
		if err != nil || rows != want {
			t.Errorf("%s of %s has %d rows, want %d: %v", f.id, day, rows, want, err)
		}
	}
}

func (w *world) writeAgain(t *testing.T) {
	t.Helper()
	w.exec(t, "update bateia.work set state = 'owed', not_before = now() where phase = 'datasets'")
	w.awaitDatasets(t)
}

// checkWrittenAgain: what an import did stays what it was, whatever came after it,
// whether it is told from what it was applied from or from the tables.
func (w *world) checkWrittenAgain(t *testing.T) {
	// Of prospects that a later undo removed nothing is left to write again.
	whole := []string{
		"select c.* from datasets.prospects c semi join report.prospects p on p.account = c.account and p.prospect_id = c.prospect_id",
		"select * from datasets.rows", "select * from datasets.leads", "select * from datasets.issues",
	}
	var then [][]string
	for _, sql := range whole {
		then = append(then, w.lines(t, "--parquet", sql))
	}
	w.writeAgain(t)
	for i, sql := range whole {
		if diff := cmp.Diff(then[i], w.lines(t, "--parquet", sql)); diff != "" || len(then[i]) == 0 {
			t.Errorf("%s after writing again (-before +after):\n%s", sql, diff)
		}
	}
	sums := func() string {
		var out bytes.Buffer
		for _, o := range w.reports(t) {
			fmt.Fprintf(&out, "%s %d %s\n", o.Key, o.Size, o.ETag)
		}
		return out.String()
	}
	before := sums()
	w.writeAgain(t)
	if diff := cmp.Diff(before, sums()); diff != "" {
		t.Errorf("objects after writing again (-before +after):\n%s", diff)
	}
	if missing := w.exec(t, "select from bateia.dataset_files where rows is null"); missing > 0 {
		t.Errorf("%d files are announced and not written", missing)
	}
}

// TestDatasetsFollowDecisions: merges by imports and by people, their undoing, redo
// and replay change what is true of rows of other imports, and the datasets follow.
func TestDatasetsFollowDecisions(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("imports half a dozen files")
	}
	w := newWorld(t)
	bring := func(code int, text string) (id string) {
		path := filepath.Join(w.dir, "leads.csv")
		if err := os.WriteFile(path, []byte("nome;telefone;email\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		var done struct {
			ID string `json:"import_id"`
		}
		if err := json.Unmarshal(w.run(t, code, "import", path, "--account", "near", "--json"), &done); err != nil {
			t.Fatal(err)
		}
		return done.ID
	}
	prospect := func(name string) (id string) {
		for _, row := range w.query(t, "select prospect_id from prospects where name = '"+name+"' order by 1") {
			return row
		}
		t.Fatalf("no prospect is called %s", name)
		return ""
	}
	same := func(after string) {
		t.Helper()
		w.awaitDatasets(t)
		w.sameViews(t, "leads", "prospects", "merges")
		if t.Failed() {
			t.Fatalf("after %s", after)
		}
	}
	bring(0, "Ana;51987650001;\nBeto;51987650002;\nCaio;51987650003;\n")
	bring(0, "Ana;;ana@gmail.com\nAna;51987650001;\nDora;51987650004;\n")
	bridge := bring(3, "Ana;51987650001;ana@gmail.com\nEva;51-9999;\nFay;87650005;\n")
	same("a merge by an import")
	w.run(t, 0, "merge", prospect("Beto"), prospect("Caio"), "--account", "near", "--json")
	same("a merge by a person")
	w.run(t, 3, "replay", bridge, "--option", "default_area_code=51", "--account", "near", "--json")
	same("a replay")
	w.run(t, 0, "undo", "last", "--account", "near", "--json")
	same("the undo of a replay")
	w.run(t, 0, "undo", bridge, "--json")
	same("the undo of a merge by an import")
	w.run(t, 3, "redo", bridge, "--json")
	same("a redo of what was undone")
	var merged string
	for _, row := range w.query(t, "select merged_id from merges where reason = 'decision' and undone_at is null") {
		merged = row
	}
	w.run(t, 0, "unmerge", merged, "--account", "near", "--json")
	same("an unmerge")
	pair := bring(0, "Ivo;51987650008;\nIvo;51987650008;ivo@gmail.com\n")
	w.run(t, 0, "split", prospect("Ivo"), pair+":2", "--account", "near", "--json")
	same("a split")
	w.run(t, 0, "redo", pair, "--json")
	if n := len(w.query(t, "select prospect_id from prospects where name = 'Ivo'")); n != 2 {
		t.Errorf("%d prospects after a redo of who was split, want 2", n)
	}
	same("a redo of who was split")
	first := bring(0, "Gil;51987650006;\n")
	bring(0, "Gil;51987650006;\nHugo;51987650007;\n")
	w.run(t, 0, "undo", first, "--json")
	same("the undo of what another import said again")
	w.sameViews(t, "imports", "funnel")
	if rows := w.lines(t, "--parquet", "select 1 from rows where import_id = '"+first+"' union all select 1 from leads where import_id = '"+first+"'"); len(rows) != 0 {
		t.Errorf("an import that was taken back has %d rows", len(rows))
	}
}
