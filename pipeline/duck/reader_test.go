package duck

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// openEmpty opens a reader of datasets of which each has one file without rows,
// written by the engine itself.
func openEmpty(t *testing.T) *Reader {
	t.Helper()
	dir := t.TempDir()
	names := writeEmpty(t, dir)
	r, err := OpenReader(t.Context(), dir, names, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func writeEmpty(t *testing.T, dir string) (names []string) {
	t.Helper()
	w, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	list := append(schemas.Datasets(), schemas.Dataset{Name: "codes", Columns: []schemas.DatasetColumn{
		{Name: "code", Type: schemas.DatasetText}, {Name: "message", Type: schemas.DatasetText}, {Name: "remedy", Type: schemas.DatasetText}}})
	for _, d := range list {
		names = append(names, d.Name)
		if err := w.Exec(t.Context(), createTable(d.Name, d.Arrow())); err != nil {
			t.Fatal(err)
		}
		path, err := w.Export(t.Context(), "select * from "+ident(d.Name), "none.parquet")
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, d.Name, "account=", "date=1970-01-01")
		if err := os.MkdirAll(to, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path, filepath.Join(to, "none.parquet")); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// read returns the rows of a statement as JSON.
func (r *Reader) read(ctx context.Context, sql string, args ...any) (rows []string, err error) {
	err = r.Read(ctx, Query{SQL: sql, Args: args, Timeout: time.Minute}, func([]Column) error { return nil }, func(cells []Cell) (bool, error) {
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c.JSON()
		}
		text, err := json.Marshal(values)
		rows = append(rows, string(text))
		return true, err
	})
	return rows, err
}

// Whatever reaches beyond the files of the datasets, changes something, or is more
// than one query is refused, and the machine's name comes out of nothing.
func TestReaderRefuses(t *testing.T) {
	t.Parallel()
	r := openEmpty(t)
	out := filepath.Join(t.TempDir(), "out")
	for _, sql := range []string{
		"select 1; select 2", "select 1; copy (select 1) to '" + out + "'", "copy (select 1) to '" + out + "'; select 1",
		"copy (select 1) to '" + out + "'", "copy (select 1) to '" + filepath.Join(r.dir, "out") + "'",
		"copy rows from '/etc/hostname'", "export database '" + out + "'", "import database '" + out + "'",
		"attach '" + out + "' as x", "attach ':memory:' as x", "detach report", "use datasets",
		"install httpfs", "load httpfs", "force install httpfs from community",
		"set threads = 1", "set enable_external_access = true", "reset lock_configuration", "set variable x = 1",
		"pragma enable_profiling", "pragma threads = 4", "pragma database_list; copy (select 1) to '" + out + "'",
		"create table t as select 1", "create view v as select 1", "create macro m(a) as a", "drop view report.rows", "alter view report.rows rename to x",
		"insert into datasets.rows select * from datasets.rows", "update report.rows set row = 1", "delete from report.rows", "truncate report.rows",
		"begin", "commit", "checkpoint", "vacuum", "analyze", "call pragma_version()", "prepare p as select 1", "execute p", "explain analyze copy (select 1) to '" + out + "'",
		"comment on view report.rows is 'x'", "create secret (type s3)", "with x as (select 1) insert into t select * from x",
		"select * from read_csv('/etc/hostname')", "select * from read_csv_auto('/etc/hostname', header = false)", "select * from read_text('/etc/hostname')",
		"select * from read_blob('/etc/hostname')", "select * from read_parquet('/etc/hostname')", "select * from read_json('/etc/hostname')",
		"select * from '/etc/hostname'", "select * from '/etc/*'", "select * from glob('/etc/*')", "from sniff_csv('/etc/hostname')",
		"from parquet_metadata('/etc/hostname')", "from read_csv('../../../../../../../../etc/hostname')", "from read_text('" + r.dir + "/../../../../../../etc/hostname')",
		"from read_text('file:///etc/hostname')", "from read_csv('/dev/stdin')", "from read_text('/proc/self/environ')",
		"from read_parquet('https://example.com/x.parquet')", "from read_parquet('s3://bucket/x.parquet')",
		"select getenv('PATH')", "select * from query('copy (select 1) to ''" + out + "''')", "from query_table('/etc/hostname')",
		"select * from duckdb_secrets(), read_text('/etc/passwd')", "", "  ", ";", "select nam from prospects", "nonsense",
	} {
		rows, err := r.read(t.Context(), sql)
		if err == nil {
			t.Errorf("%q gives %.100v", sql, rows)
		}
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a statement wrote: %v", err)
	}
}

// What a query may be, so that refusing is not all that happens.
func TestReaderReads(t *testing.T) {
	t.Parallel()
	r := openEmpty(t)
	for _, tt := range []struct {
		sql, want string
		args      []any
	}{
		{sql: "select count(*) from rows", want: "[0]"},
		{sql: "from report.imports select count(*)", want: "[0]"},
		{sql: "values (1, 'a')", want: `[1,"a"]`},
		{sql: "with x as (select 2 as n) select n, n / 4, 2::decimal(5, 1), true, null from x", want: "[2,0.5,2.0,true,null]"},
		{sql: "select $1 || 'b'", args: []any{"a"}, want: `["ab"]`},
		{sql: "select [1, 2], ['a b', ''], {'x': 1}", want: `[[1,2],["a b",""],{"x":1}]`},
		{sql: "select timestamptz '2026-01-31 12:00:00.5+00', date '2026-01-31', sum(n) from range(3) t(n)", want: `["2026-01-31T12:00:00.5Z","2026-01-31",3]`},
		{sql: "select current_setting('TimeZone')", want: `["UTC"]`},
	} {
		rows, err := r.read(t.Context(), tt.sql, tt.args...)
		if diff := cmp.Diff([]string{tt.want}, rows); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", tt.sql, err, diff)
		}
	}
}

func TestReaderEndsWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	r := openEmpty(t)
	const endless = "select count(*) from range(1000000000) a, range(1000000000) b where a.range % 7 = b.range % 11"
	err := r.Read(t.Context(), Query{SQL: endless, Timeout: 50 * time.Millisecond}, func([]Column) error { return nil }, nil)
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("a query without end ends in %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := r.read(ctx, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted query ends in %v", err)
	}
	if rows, err := r.read(t.Context(), "select 1"); err != nil || len(rows) != 1 {
		t.Errorf("afterwards: %v, %v", rows, err)
	}
}

// Texts that were read stay out of errors: people paste them.
func TestReaderErrorsCarryNoValue(t *testing.T) {
	t.Parallel()
	r := openEmpty(t)
	for _, sql := range []string{
		"select 'hunt' || 'er2' || n from range(2) t(n) where ('hunt' || 'er2')::int = n", "select cast(concat('hunt', 'er2') as date)",
		"select error('hunt' || 'er2')", "select strptime('hunt' || 'er2', '%d')",
	} {
		if _, err := r.read(t.Context(), sql); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", sql, err)
		}
	}
}

func TestDatasetsOfAStatement(t *testing.T) {
	t.Parallel()
	all := []string{"imports", "rows", "merges", "leads", "codes", "prospects"}
	for sql, want := range map[string]string{
		"select * from report.ROWS where import_id = $1":        "merges rows",
		"with rows as (select 1) select * from rows":            "",
		"select (select count(*) from leads), * from imports i": "imports leads merges",
		"select 1":          "",
		"select from where": "imports rows merges leads codes prospects",
		"with s as (select * from prospects) select * from s, codes": "codes prospects",
	} {
		got, err := Datasets(t.Context(), Query{SQL: sql, Args: []any{""}}, all)
		if strings.Join(got, " ") != want || err != nil {
			t.Errorf("%q: %v, %v, want %s", sql, got, err, want)
		}
	}
}
