package e2e

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// openTables have an account's number and no row-level security: what leads from
// an id to its account, and holds nothing of people.
var openTables = []string{"accounts", "analysts", "work"}

// TestTenancy connects as the worker does and looks for another account's rows.
func TestTenancy(t *testing.T) {
	t.Parallel()
	s := use(t)
	for _, slug := range []string{"mine", "theirs"} {
		s.account(t, slug)
		// Everything that fills a table: two prospects that a third file merges,
		// refused rows, extra fields, a list, a tag.
		s.imported(t, slug, 0, "nome;email;telefone;apelido\nAna;ana@exemplo.com.br;;Aninha\n", "nome;email;telefone\nAna;;51987650001\n")
		s.must(t, 3, "import", file(t, "a.csv", []byte("nome;email;telefone\nAna;ana@exemplo.com.br;51987650001\nBia;x;\n")),
			"--account", slug, "--list", "lista", "--tag", "feira")
		s.drop(t, "uploads/"+slug+"/a.csv", []byte("email\nbia@exemplo.com.br\n"))
		s.await(t, "uploads/"+slug+"/a.csv", 1)
	}
	admin, mine, theirs, nobody := s.connect(t, "admin_database_url"), s.conn(t, "mine"), s.conn(t, "theirs"), s.conn(t, "")
	if role := column[string](t, mine, "select session_user || ' ' || rolsuper || ' ' || rolbypassrls from pg_roles where rolname = session_user")[0]; role != "bateia_worker false false" {
		t.Fatalf("connected as %s", role)
	}
	accountOf := func(c *pgx.Conn) string { return column[string](t, c, "select current_setting('bateia.account')")[0] }

	const tables = `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'bateia' and c.relkind in ('r', 'p') and %s
		and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id') order by 1`
	parents := column[string](t, admin, fmt.Sprintf(tables, "not c.relispartition"))
	filled := 0
	for _, table := range parents {
		if slices.Contains(openTables, table) {
			continue
		}
		count := func(c *pgx.Conn, where string) int {
			return column[int](t, c, "select count(*)::int from bateia."+table+" where "+where)[0]
		}
		own, foreign := "account_id = "+accountOf(mine), "account_id <> "+accountOf(mine)
		if n := count(mine, foreign); n != 0 {
			t.Errorf("%s: %d rows of other accounts are visible", table, n)
		}
		if n := count(nobody, "true"); n != 0 {
			t.Errorf("%s: %d rows are visible without an account", table, n)
		}
		if has := count(admin, own); has > 0 {
			filled++
			if n := count(mine, own); n != has {
				t.Errorf("%s: %d of the account's own %d rows are visible", table, n, has)
			}
			if n := count(theirs, "true"); n == 0 {
				t.Errorf("%s: the other account sees nothing of its own", table)
			}
		}
		refused(t, mine, "42501", fmt.Sprintf("insert into bateia.%s overriding system value select (jsonb_populate_record(t, jsonb_build_object('account_id', %s))).* from bateia.%s t limit 1",
			table, accountOf(theirs), table), count(admin, own) > 0)
		if tag, err := mine.Exec(t.Context(), "update bateia."+table+" set account_id = account_id where "+foreign); err == nil && tag.RowsAffected() > 0 {
			t.Errorf("%s: %d rows of other accounts were updated", table, tag.RowsAffected())
		}
	}

	leaves := column[string](t, admin, fmt.Sprintf(tables, "c.relispartition"))
	for _, leaf := range leaves {
		for _, statement := range []string{"select 1 from %s limit 1", "copy %s to stdout", "update %s set account_id = account_id", "delete from %s", "truncate %s", "select 1 from only %s"} {
			refused(t, mine, "42501", fmt.Sprintf(statement, "bateia."+leaf), true)
		}
	}
	for _, statement := range []string{
		"set role bateia_owner", "set session authorization bateia_owner", "alter table bateia.prospects no force row level security",
		"drop policy account on bateia.prospects",
		"insert into bateia.analysts (role_name, account_id) values ('bateia_worker', 1)", "select 1 from bateia.analysts",
		"create table bateia.mine (a int)",
	} {
		refused(t, mine, "42501", statement, true)
	}
	if _, err := mine.Exec(t.Context(), "set row_security = off; select count(*) from bateia.prospects"); err == nil {
		t.Error("row security can be switched off")
	}
	if _, err := mine.Exec(t.Context(), "set row_security = on"); err != nil {
		t.Fatal(err)
	}

	views := column[string](t, admin, "select viewname::text from pg_views where schemaname = 'report' order by 1")
	for _, view := range views {
		slugs := column[string](t, mine, "select coalesce(string_agg(distinct v.account, ' '), '') from report."+view+" v")
		if diff := cmp.Diff([]string{"mine"}, slugs); diff != "" && slugs[0] != "" {
			t.Errorf("report.%s (-want +got):\n%s", view, diff)
		}
		if n := column[int](t, nobody, "select count(*)::int from report."+view)[0]; n != 0 {
			t.Errorf("report.%s: %d rows without an account", view, n)
		}
	}
	t.Logf("%d tables with row-level security (%d filled), %d leaves, %d views; open: %q", len(parents)-len(openTables), filled, len(leaves), len(views), openTables)
}

// refused wants a statement to be refused with a code; strictly, or at least not
// to succeed on anything.
func refused(t *testing.T, c *pgx.Conn, code, statement string, strictly bool) {
	t.Helper()
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	tag, err := tx.Exec(t.Context(), statement)
	var failed *pgconn.PgError
	switch {
	case errors.As(err, &failed) && failed.Code == code:
	case err == nil && !strictly && tag.RowsAffected() == 0:
	default:
		t.Errorf("%s: %v (%s), want %s", statement, err, tag, code)
	}
}
