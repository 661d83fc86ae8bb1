package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
)

func (v *views) reader(t *testing.T, url string) *postgres.Reader {
	t.Helper()
	r, err := postgres.OpenReader(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

// read returns the rows of a statement as texts, and its columns.
func read(ctx context.Context, r *postgres.Reader, sql string, args ...any) (rows [][]string, columns []string, err error) {
	err = r.Read(ctx, postgres.Query{SQL: sql, Args: args, Timeout: 20 * time.Second}, func(list []postgres.Column) error {
		for _, c := range list {
			columns = append(columns, c.Name)
		}
		return nil
	}, func(cells []postgres.Cell) (bool, error) {
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = c.Text()
		}
		rows = append(rows, row)
		return true, nil
	})
	return rows, columns, err
}

func TestReaderReads(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	for sql, want := range map[string]string{
		"select account from imports":                                     "acme",
		"select account from report.imports;":                             "acme",
		"table daily":                                                     "acme",
		"with i as (select * from imports) select account from i":         "acme",
		"values ('a')":                                                    "a",
		"show transaction_read_only":                                      "on",
		"show timezone":                                                   "UTC",
		"select reason_code from rows":                                    "PHONE_TOO_SHORT",
		"select session_user = current_user":                              "t",
		"-- a comment\nselect 'x' /* another */":                          "x",
		"select created_at from imports":                                  "2026-03-01T01:30:00Z",
		"select count(*) from prospects where prospect_id like 'ba%'":     "1",
		"explain (costs off) select 1":                                    "Result",
		"select string_agg(distinct account, ',') from report.identities": "acme",
	} {
		rows, _, err := read(t.Context(), r, sql)
		if err != nil || len(rows) != 1 || rows[0][0] != want {
			t.Errorf("%s: %v, %v; want %s", sql, rows, err, want)
		}
	}
	if rows, _, err := read(t.Context(), r, "select $1 || account from imports", "to "); err != nil || rows[0][0] != "to acme" {
		t.Errorf("a parameter: %v, %v", rows, err)
	}
}

// attacks are statements that must not do what they try.
var attacks = []string{
	// Files of the server.
	"select pg_read_file('/etc/hostname')",
	"select pg_read_binary_file('/etc/hostname')",
	"select * from pg_ls_dir('/etc')",
	"select pg_stat_file('/etc/hostname')",
	"select lo_import('/etc/hostname')",
	"select lo_export(1, '/tmp/bateia-attack')",
	"copy (select 1) to '/tmp/bateia-attack'",
	"copy report.imports to '/tmp/bateia-attack'",
	"copy (select 1) to program 'touch /tmp/bateia-attack'",
	"copy (select 1) to stdout",
	"create temp table t (x text)",
	"copy report.imports from '/etc/hostname'",
	"copy report.imports from program 'cat /etc/hostname'",
	"copy report.imports from stdin",
	"load '/etc/hostname'",
	"select current_setting('data_directory')",
	"select current_setting('hba_file')",
	// Other tables.
	"select * from bateia.prospects",
	"select * from bateia.analysts",
	"select * from bateia.accounts",
	"select * from river.river_job",
	"select * from pg_authid",
	"select * from pg_shadow",
	"select bateia.current_account()",
	"select bateia.ensure_history(1)",
	// Writing.
	"insert into report.imports (account) values ('x')",
	"update report.prospects set name = 'x' returning name",
	"delete from report.rows returning row",
	"with gone as (delete from report.rows returning row) select * from gone",
	"explain analyze delete from report.rows",
	"select * into public.t from report.imports",
	"create table public.t as select 1",
	"create temp table t as select 1 as x",
	"create view v as select 1",
	"create function pg_temp.f() returns int language sql return 1",
	"drop view report.imports",
	"truncate report.imports",
	"select * from report.imports for update",
	"select nextval('bateia.import_seq')",
	"select query_to_xml('create table public.t ()', true, true, '')",
	"alter role current_user set statement_timeout = 0",
	"grant bateia_owner to current_user",
	"comment on view report.imports is 'x'",
	"analyze",
	"vacuum",
	// Out of the transaction, the role, the one statement.
	"select 1; select 2",
	"commit; create table public.t ()",
	"commit",
	"rollback",
	"begin",
	"set transaction read write",
	"set session characteristics as transaction read write",
	"select set_config('transaction_read_only', 'off', true)",
	"set role bateia_owner",
	"select set_config('role', 'bateia_owner', true)",
	"reset role",
	"reset all",
	"discard all",
	"set session authorization bateia_owner",
	"select set_config('session_authorization', 'bateia_worker', true)",
	"set row_security = off",
	"do $$ begin raise notice 'x'; end $$",
	"do $$ begin commit; end $$",
	"call pg_catalog.now()",
	"prepare p as select 1",
	"execute bateia_query_1000",
	"declare c cursor for select 1",
	"listen river_insert",
	"notify river_insert",
	// The network.
	"create extension dblink",
	"create extension postgres_fdw",
	"create server s foreign data wrapper postgres_fdw",
	"select * from dblink('host=127.0.0.1', 'select 1') as t (x int)",
	"select dblink_connect('host=127.0.0.1')",
	"create subscription s connection 'host=127.0.0.1' publication p",
}

func TestReaderRefusesAttacks(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	borrowed, giveBack, err := postgres.BorrowAnalyst(t.Context(), v.own.URL(""), []string{"acme"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := giveBack(context.Background()); err != nil {
			t.Error(err)
		}
	})
	host, err := os.ReadFile("/etc/hostname")
	if err != nil {
		host = []byte("no such file")
	}
	tables := v.texts(t, v.admin, "select oid::regclass::text from pg_class order by 1")
	for who, login := range map[string]string{"analyst": url, "borrower": borrowed} {
		r := v.reader(t, login)
		for _, sql := range attacks {
			rows, _, err := read(t.Context(), r, sql)
			if err == nil {
				t.Errorf("%s: %s gives %v", who, sql, rows)
			}
			if err != nil && strings.TrimSpace(string(host)) != "" && strings.Contains(err.Error(), strings.TrimSpace(string(host))) {
				t.Errorf("%s: %s tells %v", who, sql, err)
			}
			rows, _, err = read(t.Context(), r, "select distinct account from imports full join identities using (account)")
			if err != nil || len(rows) != 1 || rows[0][0] != "acme" {
				t.Errorf("%s: after %s: %v, %v", who, sql, rows, err)
			}
		}
	}
	if diff := cmp.Diff(tables, v.texts(t, v.admin, "select oid::regclass::text from pg_class order by 1")); diff != "" {
		t.Errorf("the attacks made or dropped (-before +after):\n%s", diff)
	}
	if _, err := os.Stat("/tmp/bateia-attack"); err == nil {
		t.Error("an attack wrote a file")
	}
}

// What runs must not see more either, whatever it sets on the way.
func TestReaderSeesOnlyItsAccounts(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	for _, sql := range []string{
		"with s as materialized (select set_config('bateia.account', '102', false)) select i.account from s, imports i",
		"select i.account from imports i, set_config('bateia.account', '102', true)",
		"with s as materialized (select set_config('search_path', 'bateia, report', false)) select i.account from s, imports i",
		"with s as materialized (select set_config('row_security', 'on', false)) select p.account from s, prospects p",
		"select account from imports where account = 'bravo' or true",
	} {
		rows, _, err := read(t.Context(), r, sql)
		if err != nil || len(rows) != 1 || rows[0][0] != "acme" {
			t.Errorf("%s: %v, %v", sql, rows, err)
		}
	}
	// Postgres before 16 lets a reader make large objects: it never happened.
	_, _, _ = read(t.Context(), r, "select lo_create(0)")
	if left := v.texts(t, v.admin, "select oid::text from pg_largeobject_metadata"); len(left) != 0 {
		t.Errorf("large objects are left: %v", left)
	}
	// A document that names a file gives nothing of it.
	rows, _, err := read(t.Context(), r, `select xmlparse(document '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>')::text`)
	if err == nil && strings.Contains(rows[0][0], "root:") {
		t.Errorf("a document reads a file: %v", rows)
	}
}

func TestReaderRefusesOtherLogins(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	name, url := v.analyst(t, "acme")
	for who, login := range map[string]string{"superuser": v.own.URL(""), "worker": v.own.URL(postgres.RoleWorker)} {
		if r, err := postgres.OpenReader(t.Context(), login); !errors.Is(err, postgres.ErrNotAnalyst) {
			t.Errorf("%s: %v, %v", who, r, err)
		}
	}
	v.do(t, "grant pg_read_server_files to "+name)
	if r, err := postgres.OpenReader(t.Context(), url); !errors.Is(err, postgres.ErrNotAnalyst) {
		t.Errorf("an analyst who may read files: %v, %v", r, err)
	}
	v.do(t, "revoke pg_read_server_files from "+name)
	v.reader(t, url)
}

func TestReaderEndsInTime(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	name, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	nothing := func([]postgres.Column) error { return nil }
	err := r.Read(t.Context(), postgres.Query{SQL: "select pg_sleep(600), set_config('statement_timeout', '0', false)", Timeout: 50 * time.Millisecond}, nothing,
		func([]postgres.Cell) (bool, error) { return true, nil })
	if !errors.Is(err, postgres.ErrTooLong) || pipeline.KindOf(err) != pipeline.KindPermanent {
		t.Errorf("a statement that takes too long: %v", err)
	}
	// A reader that has had enough does not read the rest, which would take hours.
	count := 0
	err = r.Read(t.Context(), postgres.Query{SQL: "select generate_series(1, 100000000000)"}, nothing,
		func([]postgres.Cell) (bool, error) { count++; return count < 3, nil })
	if err != nil || count != 3 {
		t.Errorf("the first three rows: %d, %v", count, err)
	}
	// Canceling ends the statement at the server. Its rows fill the server's buffer,
	// or the first one would take seconds to arrive.
	r = v.reader(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	err = r.Read(ctx, postgres.Query{SQL: "select generate_series(1, 100000), repeat('x', 9000), pg_sleep(0.01)", Timeout: time.Hour}, nothing,
		func([]postgres.Cell) (bool, error) { cancel(); return true, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled statement: %v", err)
	}
	if busy := v.texts(t, v.admin, "select query from pg_stat_activity where usename = $1 and state = 'active'", name); len(busy) != 0 {
		t.Errorf("after canceling the server still runs %v", busy)
	}
}

func TestReaderErrorsAreClear(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	for sql, want := range map[string]string{
		"selec 1":                                      `syntax error at or near "selec" (at character 1)`,
		"select nam from prospects":                    `column "nam" does not exist (at character 8)`,
		"select * from bateia.prospects":               "permission denied for schema bateia",
		"select name::int from prospects":              "a text cannot be read as the type it is cast to",
		"select 1 / (leads - leads) from prospects":    "division by zero",
		"delete from report.imports returning account": "cannot delete from view",
		"select $1::text":                              "the statement has parameters",
		"set x.y = 1":                                  "the statement gives no rows",
		"select 1; select 2":                           "one statement is taken",
		"":                                             "the statement gives no rows",
	} {
		_, _, err := read(t.Context(), r, sql)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "acme") {
			t.Errorf("%s quotes a value: %v", sql, err)
		}
	}
}

func TestCellsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	_, url := v.analyst(t, "acme")
	r := v.reader(t, url)
	var texts, documents []string
	err := r.Read(t.Context(), postgres.Query{SQL: `select 1, 1.50::numeric, 'NaN'::float8, true, null::text, 'a"b', '2026-01-31'::date,
		'2026-01-31 10:00:00.5-03'::timestamptz, array['x', null, 'y,z'], array[1, 2], '{"b": 1, "a": 12345678901234567890}'::jsonb, interval '1 day', '{}'::int[],
		'infinity'::timestamptz`},
		func([]postgres.Column) error { return nil },
		func(cells []postgres.Cell) (bool, error) {
			for _, c := range cells {
				text, err := json.Marshal(c.JSON())
				if err != nil {
					return false, err
				}
				texts, documents = append(texts, c.Text()), append(documents, string(text))
			}
			return true, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1", "1.50", `"NaN"`, "true", "null", `"a\"b"`, `"2026-01-31"`, `"2026-01-31T13:00:00.5Z"`, `["x",null,"y,z"]`, "[1,2]",
		`{"a":12345678901234567890,"b":1}`, `"1 day"`, "[]", `"infinity"`}
	if diff := cmp.Diff(want, documents); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	want = []string{"1", "1.50", "NaN", "t", "", `a"b`, "2026-01-31", "2026-01-31T13:00:00.5Z", `{x,NULL,"y,z"}`, "{1,2}", `{"a": 12345678901234567890, "b": 1}`, "1 day", "{}", "infinity"}
	if !slices.Equal(want, texts) {
		t.Errorf("texts (-want +got):\n%s", cmp.Diff(want, texts))
	}
}
