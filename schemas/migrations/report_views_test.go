// Package migrations_test proves what the migrations promise on a real Postgres.
package migrations_test

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

//go:embed testdata/report_views.sql
var story string

// bundle is a migrated database of its own with the story in it.
type bundle struct {
	admin  *pgx.Conn // a superuser
	db     *postgrestest.DB
	suffix string // of role names, which belong to the server that tests share
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{suffix: strings.ToLower(rand.Text()[:10])}
	b.db = postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	b.admin = connect(t, b.db.URL(""))
	exec(t, b.admin, story)
	return b
}

// analyst makes a login role that may read the given accounts and logs in.
func (b *bundle) analyst(t *testing.T, name string, accounts ...int) *pgx.Conn {
	t.Helper()
	name += "_" + b.suffix
	exec(t, b.admin, "create role "+name+" login password 'x' in role bateia_analyst")
	t.Cleanup(func() {
		if _, err := b.admin.Exec(context.Background(), "drop owned by "+name+"; drop role "+name); err != nil {
			t.Errorf("drop role %s: %v", name, err)
		}
	})
	for _, a := range accounts {
		exec(t, b.admin, "insert into bateia.analysts values ($1, $2)", name, a)
	}
	return b.login(t, name, "x")
}

func (b *bundle) login(t *testing.T, role, password string) *pgx.Conn {
	t.Helper()
	u, err := url.Parse(b.db.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, password)
	return connect(t, u.String())
}

// worker logs in as the worker.
func (b *bundle) worker(t *testing.T) *pgx.Conn {
	t.Helper()
	return connect(t, b.db.URL(postgres.RoleWorker))
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// column returns the texts of a query of one column.
func column(t *testing.T, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	list, err := texts(t.Context(), conn, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}

func texts(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// denied reports whether an error is Postgres' "permission denied".
func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// views are the views of the contract with their columns there.
var views = map[string]string{
	"imports":        "import_id, account, source_kind, source, object, list, requested_by, state, code, rows_read, created, updated, unchanged, duplicate, rejected, skipped, conflict, blank, errors, warnings, created_at, started_at, finished_at, seconds, rows_per_second, undo_of, redo_of, replay_of",
	"import_stages":  "import_id, stage, attempt, started_at, finished_at, seconds, rows, bytes",
	"import_columns": "import_id, position, name, field, confidence, reason, filled, valid, imported",
	"rows":           "import_id, account, row, line, sheet_row, source_ref, outcome, reason_code, codes, lead_id, prospect_id, first_row, resolved_by",
	"issues":         `import_id, account, row, line, sheet_row, byte_offset, source_ref, "column", field, severity, code, value, shape, message, created_at`,
	"issue_counts":   "account, import_id, day, code, severity, rows",
	"leads":          "lead_id, import_id, account, row, outcome, prospect_id, phone, email, document, name, created_at",
	"prospects":      "prospect_id, account, name, phone, email, document, company, city, state, country, lists, tags, source, owner, status, lifecycle, attributes, leads, created_at, updated_at",
	"identities":     "account, prospect_id, kind, value, joins, first_import_id, first_seen_at",
	"merges":         "account, survivor_id, merged_id, import_id, reason, merged_at, undone_at",
	"codes":          "account, code, message, remedy",
	"quality":        "account, import_id, field, filled, valid, invalid, changed",
	"sources":        "account, source_kind, source, imports, rows_read, refusal_rate, duplicate_rate, last_applied_at, seconds_since_applied",
	"funnel":         "account, import_id, day, source, rows_read, valid, accepted, leads, prospects",
	"daily":          "account, day, imports, applied, rows_read, created, rejected, prospects_created",
	"accounts":       "account, country, locale, timezone, created_at",
	"connections":    "account, source, state, code, every, created_at, last_success_at, last_full_at, next_run_at, seconds_since_success",
	"field_lineage":  "account, prospect_id, field, value, current, lead_id, import_id, applied_no, row, sheet_row, byte_offset",
}

// accounts returns the accounts that every view shows, as "view account".
func accounts(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	var all []string
	for view := range views {
		for _, a := range column(t, conn, "select distinct account from report."+view) {
			all = append(all, view+" "+a)
		}
	}
	slices.Sort(all)
	return all
}

// each returns "view account" for every view.
func each(slugs ...string) []string {
	var all []string
	for view := range views {
		for _, s := range slugs {
			all = append(all, view+" "+s)
		}
	}
	slices.Sort(all)
	return all
}

func TestViewsKeepTheContract(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ana := b.analyst(t, "ana", 101)
	for view, columns := range views {
		if _, err := ana.Exec(t.Context(), "select "+columns+" from report."+view); err != nil {
			t.Errorf("report.%s: %v", view, err)
		}
	}
	got := column(t, b.admin, `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'report' and c.relkind = 'v' and pg_get_userbyid(c.relowner) = 'bateia_owner'
		  and c.reloptions = '{security_barrier=true}' and obj_description(c.oid) <> '' order by 1`)
	var want []string
	for view := range views {
		want = append(want, view)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("views with the owner's rights, a security barrier and a comment (-want +got):\n%s", diff)
	}
	if bare := column(t, b.admin, `select c.relname || '.' || a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
		where n.nspname = 'report' and coalesce(col_description(c.oid, a.attnum), '') = '' order by 1`); len(bare) != 0 {
		t.Errorf("columns without a comment: %v", bare)
	}
}

func TestAnalystSeesOnlyGivenAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ana := b.analyst(t, "ana", 101)
	for _, attempt := range []string{
		"select 1",
		"select set_config('bateia.account', '102', false)",
		"set bateia.account = '102'",
		"set role bateia_analyst",
		"reset role",
		"set search_path = bateia, report, public",
		"set session_replication_role = replica", // refused
		"set session authorization bateia_worker",
		"set role bateia_owner",
		"set role bateia_worker",
		"set local role bateia_owner",
		"set enable_seqscan = off",
		"set plan_cache_mode = force_generic_plan",
		"insert into bateia.analysts values (session_user, 102)",
		"alter view report.imports set (security_invoker = true)",
		"create or replace view report.imports as select 1",
		"grant bateia_owner to current_user",
	} {
		_, err := ana.Exec(t.Context(), attempt)
		if diff := cmp.Diff(each("acme"), accounts(t, ana)); diff != "" {
			t.Errorf("after %q (%v) mismatch (-want +got):\n%s", attempt, err, diff)
		}
	}
	if diff := cmp.Diff(each("acme", "bravo"), accounts(t, b.analyst(t, "both", 101, 102))); diff != "" {
		t.Errorf("analyst of two accounts (-want +got):\n%s", diff)
	}
	exec(t, b.admin, "delete from bateia.analysts where account_id = 101")
	if got := accounts(t, ana); len(got) != 0 {
		t.Errorf("an analyst whose account was taken away sees %v", got)
	}
	if got := accounts(t, b.analyst(t, "nobody")); len(got) != 0 {
		t.Errorf("an analyst without an account sees %v", got)
	}
}

// Without row_security Postgres refuses a query that a policy would narrow
// rather than answer it whole.
func TestAnalystCannotTurnRowSecurityOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ana := b.analyst(t, "ana", 101)
	exec(t, ana, "set row_security = off")
	for view := range views {
		list, err := texts(t.Context(), ana, "select account from report."+view)
		if err == nil && slices.Contains(list, "bravo") {
			t.Errorf("report.%s gives %v", view, list)
		}
	}
}

// A function of the analyst's own that costs next to nothing would be called
// before the condition of a view without security barrier.
func TestAnalystsFunctionsSeeOnlyTheirRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cfg, err := pgx.ParseConfig(b.db.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { heard = append(heard, n.Message) }
	b.analyst(t, "ana", 101)
	cfg.User, cfg.Password = "ana_"+b.suffix, "x"
	ana, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ana.Close(context.Background()) })
	exec(t, ana, "set bateia.account = '102'")
	exec(t, ana, `create function pg_temp.peek(anyelement) returns boolean language plpgsql cost 0.0000001
		as $$ begin raise notice 'saw %', $1; return true; end $$`)
	for view := range views {
		exec(t, ana, "select count(*) from report."+view+" v where pg_temp.peek(v)")
		exec(t, ana, "select count(*) from report."+view+" v where pg_temp.peek(v.account)")
	}
	exec(t, ana, "select count(*) from report.prospects v where pg_temp.peek(v.name) and pg_temp.peek(v.attributes)")
	exec(t, ana, "select count(*) from report.identities v where pg_temp.peek(v.value)")
	if len(heard) < 2*len(views) {
		t.Errorf("the function was called %d times: it proves nothing", len(heard))
	}
	for _, text := range heard {
		if strings.Contains(text, "bravo") || strings.Contains(text, "secret") {
			t.Errorf("the analyst's function %s", text)
		}
	}
}

func TestAnalystHasNoOtherWayIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ana := b.analyst(t, "ana", 101)
	tables := column(t, b.admin, `select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('bateia', 'river') and c.relkind in ('r', 'p', 'v', 'S')`)
	if len(tables) < 30 {
		t.Fatalf("only %d tables: %v", len(tables), tables)
	}
	for _, table := range tables {
		if _, err := ana.Exec(t.Context(), "select from "+table); !denied(err) {
			t.Errorf("select from %s: %v, want permission denied", table, err)
		}
	}
	for view := range views {
		for _, sql := range []string{"delete from report." + view, "truncate report." + view, "drop view report." + view} {
			if _, err := ana.Exec(t.Context(), sql); err == nil {
				t.Errorf("an analyst may %s", sql)
			}
		}
	}
}

func TestWorkerSeesTheAccountOfItsTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	worker := b.worker(t)
	if got := accounts(t, worker); len(got) != 0 {
		t.Errorf("the worker without an account sees %v", got)
	}
	bases := column(t, b.admin, `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'bateia' and c.relforcerowsecurity order by 1`)
	if len(bases) < 14 {
		t.Fatalf("only %d tables with forced row-level security: %v", len(bases), bases)
	}
	for account, slug := range map[string]string{"101": "acme", "102": "bravo"} {
		exec(t, worker, "select set_config('bateia.account', $1, false)", account)
		if diff := cmp.Diff(each(slug), accounts(t, worker)); diff != "" {
			t.Errorf("the worker with account %s (-want +got):\n%s", account, diff)
		}
		for _, table := range bases {
			for _, a := range column(t, worker, "select account_id::text from bateia."+table) {
				if a != account {
					t.Errorf("the worker with account %s reads account %s in %s", account, a, table)
				}
			}
		}
	}
	for _, sql := range []string{"select from bateia.analysts", "insert into bateia.analysts values ('bateia_worker', 101)",
		"set role bateia_owner", "set role bateia_analyst"} {
		if _, err := worker.Exec(t.Context(), sql); !denied(err) {
			t.Errorf("%s: %v, want permission denied", sql, err)
		}
	}
}

// Leaves have no row-level security, for COPY: nobody may read them.
func TestNobodyReadsLeaves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b.admin, "select bateia.ensure_history(7259457945600000 + (3::bigint << 43))") // some months later
	leaves := column(t, b.admin, `select format('bateia.%I', c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'bateia' and c.relispartition and c.relkind = 'r'`)
	if len(leaves) < 10 {
		t.Fatalf("only %d leaves: %v", len(leaves), leaves)
	}
	worker, ana := b.worker(t), b.analyst(t, "ana", 101)
	exec(t, worker, "set bateia.account = '101'")
	for _, leaf := range leaves {
		for who, conn := range map[string]*pgx.Conn{"worker": worker, "analyst": ana} {
			if _, err := conn.Exec(t.Context(), "select from "+leaf); !denied(err) {
				t.Errorf("%s reads %s: %v, want permission denied", who, leaf, err)
			}
		}
		readers := column(t, b.admin, `select rolname::text from pg_roles where rolname !~ '^pg_' and not rolsuper
			and rolname <> 'bateia_owner' and has_table_privilege(oid, $1, 'select, update, delete, truncate, trigger, references')`, leaf)
		if len(readers) != 0 {
			t.Errorf("%v may do more than insert into %s", readers, leaf)
		}
	}
}

// The policy that opens the tables to the views asks for session_user too, so
// that the owner's own statements (migrations, owner functions) still see
// nothing without an account.
func TestOwnerOutsideOfViewsSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b.admin, "set role bateia_owner")
	for _, table := range []string{"imports", "prospects", "identities", "leads", "issues"} {
		if got := column(t, b.admin, "select account_id::text from bateia."+table); len(got) != 0 {
			t.Errorf("the owner without an account sees rows of %v in %s", got, table)
		}
	}
	exec(t, b.admin, "set bateia.account = '102'")
	if diff := cmp.Diff([]string{"102"}, column(t, b.admin, "select account_id::text from bateia.imports")); diff != "" {
		t.Errorf("the owner with an account (-want +got):\n%s", diff)
	}
}

func TestViewsSayWhatHappened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	both := b.analyst(t, "both", 101, 102)
	const imp, one, two = "19ca70441c0065", "ba19ca70441c006500000001", "ba19ca70441c006500000002"
	for _, tt := range []struct {
		why, sql string
		want     string
	}{
		{"the ledger and the time", "select import_id, source_kind, source, object, state, rows_read, created, rejected, seconds, rows_per_second, undo_of from report.imports where account = 'acme'",
			imp + "|upload|acme|s3://b/uploads/acme.csv|applied|3|2|1|2|1.5|null"},
		{"aliases are resolved in refused rows", "select import_id, row, sheet_row, reason_code, codes[1], prospect_id, lead_id from report.rows where account = 'acme'",
			imp + "|3|4|PHONE_TOO_SHORT|PHONE_TOO_SHORT|" + one + "|null"},
		{"a value is masked, the message speaks the account's language", `select "column", value, shape, message from report.issues where account = 'acme'`,
			"acme|a*** **-****|99-9999|O telefone tem dígitos a menos."},
		{"the message speaks the other account's language", "select message from report.issues where account = 'bravo'", "Al teléfono le faltan cifras."},
		{"the day is the account's", "select day from report.issue_counts where account = 'acme'", "2026-02-28"},
		{"an unknown timezone is UTC", "select day from report.issue_counts where account = 'bravo'", "2026-03-01"},
		{"aliases are resolved in leads", "select lead_id, prospect_id, outcome, name from report.leads where account = 'acme'",
			imp + ":2|" + one + "|created|acme"},
		{"merged prospects are hidden", "select prospect_id, name, lists[1], tags[1], attributes ->> 'cor', leads from report.prospects where account = 'acme'",
			one + "|acme|acme|acme|acme|2"},
		{"aliases are resolved in identities", "select prospect_id, kind, value, joins, first_import_id, first_seen_at at time zone 'UTC' from report.identities where account = 'acme'",
			one + "|phone|acme|true|" + imp + "|2026-03-01T01:30:00"},
		{"merges", "select survivor_id, merged_id, import_id, reason, undone_at from report.merges where account = 'acme'",
			one + "|" + two + "|" + imp + "|identity|null"},
		{"columns", "select position, name, field, type, filled, valid, imported from report.import_columns where account = 'acme'",
			"0|acme|phone|identity|3|2|true"},
		{"what a code means, in the account's language", "select message from report.codes where account = 'acme' and code = 'PHONE_TOO_SHORT'", "O telefone tem dígitos a menos."},
		{"quality of a field", "select import_id, field, columns, filled, valid, invalid, filled_rate, rows_with_errors, rows_with_warnings, changed from report.quality where account = 'acme'",
			imp + "|phone|1|3|2|1|1|1|0|0"},
		{"a source", "select source, imports, applied, undone, rows_read, rejected, duplicate_rate, prospects_created, last_applied_at at time zone 'UTC', seconds_since_applied > 0 from report.sources where account = 'acme'",
			"acme|1|1|0|3|1|0|2|2026-03-01T01:30:03|true"},
		{"the funnel", "select import_id, day, state, rows_read, valid, accepted, leads, prospects from report.funnel where account = 'acme'",
			imp + "|2026-02-28|applied|3|2|2|1|2"},
		{"the day is the account's there too", "select day, imports, applied, rows_read, created, rejected, prospects_created, prospects_merged from report.daily where account = 'acme'",
			"2026-02-28|1|1|3|2|1|2|1"},
		{"an account's language and days", "select account, country, locale, timezone from report.accounts where account = 'bravo'", "bravo|BR|es|Nowhere/Unknown"},
		{"a connection", "select source, state, code, every, last_success_at at time zone 'UTC', next_run_at, seconds_since_success > 0 from report.connections where account = 'acme'",
			"acme|invalid|OMIE_AUTH|2h|2026-03-01T01:30:00|null|true"},
		{"where a value comes from", "select prospect_id, value, again, lead_id, import_id, row, sheet_row, line, byte_offset, file_name from report.field_lineage where account = 'acme' and field = 'name' and current",
			one + "|acme|true|" + imp + ":2|" + imp + "|4|5|5|30|acme.csv"},
		{"a row that said it again", "select value, lead_id, import_id, row, sheet_row, byte_offset from report.field_lineage where account = 'acme' and field = 'phone' and again",
			"+5551999999999|" + imp + ":2|" + imp + "|4|5|30"},
	} {
		list := regexp.MustCompile(`^select (.*) from (report\..*)$`).FindStringSubmatch(tt.sql)
		got := column(t, both, "select array_to_string(array(select coalesce(value #>> '{}', 'null') from jsonb_array_elements(jsonb_build_array("+
			list[1]+"))), '|') from "+list[2])
		if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.why, diff)
		}
	}
}

func TestMaskValueKeepsOnlyTheShape(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for value, want := range map[string]string{
		"51-9999": "5*-****", "ana@example.com": "a**@*******.***", "São Paulo": "S** *****", "x": "*", "é": "*", "": "",
		"日本語": "日**", "[a]b-c": "[*]*-*", "(51) 9": "(**) *", "a\nb": "a**", "=1+1": "=*+*",
	} {
		if got := column(t, b.admin, "select bateia.mask_value($1)", value); got[0] != want {
			t.Errorf("mask_value(%q) = %q, want %q", value, got[0], want)
		}
	}
}

// One import of many is found by key: its rows are read, not the history.
func TestViewsFindAnImportByKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b.admin, `insert into bateia.imports (account_id, import_id, source_id)
		select 101, 7259457945600000 + 4096 * i, (select source_id from bateia.sources where account_id = 101) from generate_series(1, 300) i`)
	exec(t, b.admin, `insert into bateia.issues (account_id, import_id, seq, row, severity, code)
		select 101, 7259457945600000 + 4096 * i, g, g, 'error', 'X' from generate_series(1, 300) i, generate_series(1, 200) g`)
	exec(t, b.admin, "analyze bateia.imports; analyze bateia.issues")
	ana := b.analyst(t, "ana", 101)
	id := column(t, ana, "select import_id from report.imports where code is null order by 1 desc limit 1")[0]
	plan := strings.Join(column(t, ana, "explain select * from report.issues where import_id = '"+id+"'"), "\n")
	if !regexp.MustCompile(`Index Cond: .*import_id = n\.import_id`).MatchString(plan) || regexp.MustCompile(`Seq Scan on issues_`).MatchString(plan) {
		t.Errorf("the import's issues are not found by key:\n%s", plan)
	}
}
