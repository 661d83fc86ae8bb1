package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
)

// views is a migrated database with the same little story in the accounts acme
// and bravo, whose values start with "secret".
type views struct {
	own   *postgrestest.DB
	admin *pgx.Conn
}

func setupViews(t *testing.T) *views {
	t.Helper()
	v := &views{own: postgrestest.New(t, "migrated", migrated)}
	v.admin = v.connect(t, v.own.URL(""))
	story, err := os.ReadFile("../../schemas/migrations/testdata/report_views.sql")
	if err != nil {
		t.Fatal(err)
	}
	v.do(t, string(story))
	return v
}

func (v *views) connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (v *views) do(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := v.admin.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (v *views) texts(t *testing.T, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}

// analyst makes a login, whose name is one of a kind: roles belong to the server.
func (v *views) analyst(t *testing.T, accounts ...string) (name, url string) {
	t.Helper()
	name = "ana_" + strings.ToLower(rand.Text()[:10])
	url, err := postgres.CreateAnalyst(t.Context(), v.own.URL(""), name, accounts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := postgres.DropAnalyst(context.Background(), v.own.URL(""), name); err != nil && !errors.Is(err, postgres.ErrNotFound) {
			t.Errorf("drop analyst: %v", err)
		}
	})
	return name, url
}

func TestAnalystIsMadeListedAndDropped(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	admin := v.own.URL("")
	name, url := v.analyst(t, "bravo", "acme")
	if _, err := postgres.CreateAnalyst(t.Context(), admin, name, []string{"acme"}); !errors.Is(err, postgres.ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	if _, err := postgres.CreateAnalyst(t.Context(), admin, name+"2", []string{"acme", "nobody"}); !errors.Is(err, postgres.ErrNotFound) || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("an account that is not there: %v", err)
	}
	for _, bad := range []string{"", "pg_ana", "bateia_ana", "Ana", "a;drop", `a"b`, "1a", "bateia_worker", strings.Repeat("a", 41)} {
		if _, err := postgres.CreateAnalyst(t.Context(), admin, bad, []string{"acme"}); err == nil {
			t.Errorf("the name %q was taken", bad)
		}
	}
	list, err := postgres.Analysts(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	want := []postgres.Analyst{{Name: name, Accounts: []string{"acme", "bravo"}}}
	if diff := cmp.Diff(want, list, cmpopts.IgnoreFields(postgres.Analyst{}, "CreatedAt")); diff != "" {
		t.Errorf("analysts (-want +got):\n%s", diff)
	}

	conn := v.connect(t, url)
	if got := v.texts(t, conn, "select account from imports order by 1"); !slices.Equal(got, []string{"acme", "bravo"}) {
		t.Errorf("the analyst sees %v", got)
	}
	for _, role := range []string{postgres.RoleWorker, postgres.RoleAnalyst, postgres.RoleOwner, "nobody_" + name} {
		if err := postgres.DropAnalyst(t.Context(), admin, role); !errors.Is(err, postgres.ErrNotFound) {
			t.Errorf("drop of %s: %v", role, err)
		}
	}
	if err := postgres.DropAnalyst(t.Context(), admin, name); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := conn.QueryRow(t.Context(), "select count(*) from report.imports").Scan(&rows); err == nil && rows > 0 {
		t.Errorf("a dropped analyst who is still connected sees %d imports", rows)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a dropped analyst can log in")
	}
	if left := v.texts(t, v.admin, "select role_name::text from bateia.analysts"); len(left) != 0 {
		t.Errorf("accounts of %v are left", left)
	}
}

// The owner of a given database need not be a superuser.
func TestOwnerWithCreateroleMakesAnalysts(t *testing.T) {
	t.Parallel()
	postgrestest.New(t, "migrated", migrated) // the roles are there: this is not the server's first database
	own := postgrestest.New(t, "", nil)
	v := &views{own: own}
	v.admin = v.connect(t, own.URL(""))
	boss := "boss_" + strings.ToLower(rand.Text()[:10])
	v.do(t, "create role "+boss+" login createrole password '"+own.Password(boss)+"'")
	t.Cleanup(func() {
		for _, sql := range []string{"alter database " + own.Name + " owner to current_user", "drop owned by " + boss, "drop role " + boss} {
			if _, err := v.admin.Exec(context.Background(), sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
	v.do(t, "grant bateia_owner, bateia_analyst to "+boss+" with admin option")
	v.do(t, "alter database "+own.Name+" owner to "+boss)
	admin := own.URL(boss)
	if err := postgres.Migrate(t.Context(), admin, postgres.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	name := "ana_" + strings.ToLower(rand.Text()[:10])
	url, err := postgres.CreateAnalyst(t.Context(), admin, name, []string{"default"})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.texts(t, v.connect(t, url), "select distinct account from codes"); !slices.Equal(got, []string{"default"}) {
		t.Errorf("the analyst sees %v", got)
	}
	if err := postgres.DropAnalyst(t.Context(), admin, name); err != nil {
		t.Error(err)
	}
}

func TestBorrowedLoginIsGivenBackAndSwept(t *testing.T) {
	t.Parallel()
	v := setupViews(t)
	admin := v.own.URL("")
	url, giveBack, err := postgres.BorrowAnalyst(t.Context(), admin, []string{"bravo"})
	if err != nil {
		t.Fatal(err)
	}
	conn := v.connect(t, url)
	if got := v.texts(t, conn, "select account from imports"); !slices.Equal(got, []string{"bravo"}) {
		t.Errorf("the borrower sees %v", got)
	}
	names := v.texts(t, v.admin, "select role_name::text from bateia.analysts")
	if len(names) != 1 {
		t.Fatalf("borrowed logins: %v", names)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The borrower died more than a minute ago.
	v.do(t, "alter role "+names[0]+" valid until '2020-01-01'")
	all, giveAll, err := postgres.BorrowAnalyst(t.Context(), admin, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Logins belong to the whole server: another test may be at the same one, which is
	// left to it, and it may fail.
	left := func() []string {
		return v.texts(t, v.admin, "select rolname::text from pg_roles where rolname = $1", names[0])
	}
	for range 20 {
		if len(left()) == 0 {
			break
		}
		_, giveOne, err := postgres.BorrowAnalyst(t.Context(), admin, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := giveOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if l := left(); len(l) != 0 {
		t.Errorf("%v was not swept", l)
	}
	if got := v.texts(t, v.connect(t, all), "select account from imports order by 1"); !slices.Equal(got, []string{"acme", "bravo"}) {
		t.Errorf("the borrower of all accounts sees %v", got)
	}
	for _, back := range []func(context.Context) error{giveAll, giveBack} {
		if err := back(t.Context()); err != nil {
			t.Errorf("give back: %v", err)
		}
	}
	if left := v.texts(t, v.admin, "select role_name::text from bateia.analysts"); len(left) != 0 {
		t.Errorf("accounts of %v are left", left)
	}
}

// TestAnalystInPsql tries in psql, which sends statements as they are typed, what
// might widen what an analyst sees.
func TestAnalystInPsql(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("there is no psql")
	}
	v := setupViews(t)
	_, url := v.analyst(t, "bravo")
	names := v.texts(t, v.admin, "select viewname::text from pg_views where schemaname = 'report'")
	if len(names) < 16 {
		t.Fatalf("only the views %v", names)
	}
	var look strings.Builder
	for _, name := range names {
		look.WriteString("select distinct 'saw', account from report." + name + ";\n")
	}
	attempts := []string{"select 1", "set default_transaction_read_only = off", "set bateia.account = '101'", "set role bateia_owner", "set role bateia_worker",
		"set role bateia_analyst", "reset role", "set session authorization bateia_owner", "set session authorization default", "reset session authorization",
		"set row_security = on", "set search_path = bateia, report", "set session_replication_role = replica", "set check_function_bodies = off", "set jit = on",
		"insert into bateia.analysts values (session_user, 101)", "grant bateia_owner to session_user", "alter role session_user bypassrls",
		"alter view report.imports set (security_barrier = false)", "create or replace view report.imports as select 1",
		"begin; set local role bateia_owner", "reset all", "discard all"}
	attempts = append(attempts, attacks...)
	// psql would take what follows "from stdin" as data; without row_security the
	// views answer nothing at all.
	attempts = slices.DeleteFunc(attempts, func(a string) bool { return strings.Contains(a, "from stdin") || a == "set row_security = off" })
	var script strings.Builder
	for _, a := range attempts {
		script.WriteString(a + ";\nrollback;\n" + look.String())
	}
	cmd := exec.CommandContext(t.Context(), psql, "--no-psqlrc", "--tuples-only", "--no-align", url)
	cmd.Stdin = strings.NewReader(script.String())
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("psql: %v\n%s", err, errs.String())
	}
	saw := map[string]int{}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "saw|") {
			saw[strings.TrimSpace(line)]++
		}
	}
	if want := len(attempts) * len(names); len(saw) != 1 || saw["saw|bravo"] != want {
		t.Errorf("after %d attempts the analyst saw %v, want bravo %d times\n%s", len(attempts), saw, want, errs.String())
	}
	if strings.Contains(out.String(), "acme") {
		t.Error("the analyst of bravo saw something of acme")
	}
	if n := strings.Count(errs.String(), "ERROR:"); n < 60 {
		t.Errorf("only %d of the attempts were refused", n)
	}
}
