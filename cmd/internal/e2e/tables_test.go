package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// written are the tables that an import fills, each row as text without what
// differs between two runs of the same: the account, times, and the numbers that
// the database hands out. The second half of the key of a value that joins nobody
// may stand for its prospect, and does so in all leads that were parted: the hash of
// what they say goes with it. Ids of imports are replaced by the caller.
var written = map[string]string{
	"prospects": `select (to_jsonb(p) - '{account_id,created_at,updated_at,list_ids,tag_ids}'::text[] - array(select 'lead_hashes' where ` + parted + `)
		|| jsonb_build_object('keys', array(select left(k::text, 18) from unnest(p.keys) k order by 1),
			'lists', array(select name from bateia.lists l where l.list_id = any(p.list_ids) order by 1)))::text from bateia.prospects p`,
	"identities": `select (to_jsonb(i) - 'account_id' || case when joins then '{}' else jsonb_build_object('key', left(key::text, 18)) end)::text
		from bateia.identities i`,
	"leads":          `select (to_jsonb(l) - 'account_id' - array(select unnest(array['keys', 'statement']) where ` + parted + `))::text from bateia.leads l`,
	"row_outcomes":   `select (to_jsonb(r) - 'account_id')::text from bateia.row_outcomes r`,
	"issues":         `select (to_jsonb(i) - 'account_id')::text from bateia.issues i`,
	"issue_counts":   `select (to_jsonb(i) - 'account_id')::text from bateia.issue_counts i`,
	"import_columns": `select (to_jsonb(i) - 'account_id')::text from bateia.import_columns i`,
	"aliases":        `select (to_jsonb(a) - 'account_id')::text from bateia.aliases a`,
	"merges":         `select (to_jsonb(m) - '{account_id,merged_at,undone_at}'::text[] || jsonb_build_object('undone', undone_at is not null))::text from bateia.merges m`,
	"before_images": `select (to_jsonb(b) - '{account_id,image}'::text[]
		|| jsonb_build_object('image', image - '{account_id,keys,created_at,updated_at,list_ids,tag_ids}'::text[]
			- array(select 'lead_hashes' where ` + parted + `)))::text from bateia.before_images b`,
	"imports": `select concat_ws(' ', import_id, state, code, rows_read, created, updated, unchanged, duplicate, rejected, skipped, conflict, blank,
		prospects_created, prospects_updated, prospects_merged, errors, warnings, sha256) from bateia.imports i`,
}

// parted is true of a prospect that a decision founded.
const parted = "left(prospect_id, 16) in (select 'ba' || bateia.import_id_text(import_id) from bateia.imports where request ? 'decision')"

// sums are count and digest of what an account holds, by table.
type sums map[string]string

// importIDs replaces the ids of an account's imports, in both of their forms, by
// their order: then two accounts with the same history hold the same.
func importIDs(t testing.TB, c *pgx.Conn) string {
	t.Helper()
	var ids []int64
	err := c.QueryRow(t.Context(), "select array_agg(import_id order by import_id) from bateia.imports").Scan(&ids)
	if err != nil {
		t.Fatalf("read imports: %v", err)
	}
	expr := "%s"
	for n, id := range ids {
		expr = fmt.Sprintf("replace(replace(%s, '%014x', '<%d>'), '%d', '<%d>')", expr, id, n+1, id, n+1)
	}
	return expr
}

// digest reads what an account holds.
func digest(t testing.TB, c *pgx.Conn) sums {
	t.Helper()
	ids, out := importIDs(t, c), sums{}
	for table, query := range written {
		var n int
		var sum string
		query = fmt.Sprintf(`select count(*), coalesce(md5(string_agg(md5(line), '' order by md5(line))), '')
			from (select %s as line from (%s) raw(line)) s`, fmt.Sprintf(ids, "line"), query)
		if err := c.QueryRow(t.Context(), query).Scan(&n, &sum); err != nil {
			t.Fatalf("read %s: %v", table, err)
		}
		out[table] = fmt.Sprintf("%d rows %s", n, sum)
	}
	return out
}

// compare fails the test when an account does not hold what another one, of
// which the digest is known, holds, and shows the first rows that differ.
// Everything in them is invented.
func compare(t *testing.T, known sums, want, got *pgx.Conn) {
	t.Helper()
	found := digest(t, got)
	for table := range written {
		if known[table] != found[table] {
			t.Errorf("%s: %s, want %s\n%s", table, found[table], known[table], firstDifferences(t, table, want, got))
		}
	}
}

func firstDifferences(t *testing.T, table string, want, got *pgx.Conn) string {
	t.Helper()
	lines := func(c *pgx.Conn) map[string]bool {
		query := fmt.Sprintf("select %s from (%s) raw(line)", fmt.Sprintf(importIDs(t, c), "line"), written[table])
		set := map[string]bool{}
		for _, line := range column[string](t, c, query) {
			set[line] = true
		}
		return set
	}
	w, g := lines(want), lines(got)
	only := func(a, b map[string]bool) string {
		var out []string
		for line := range a {
			if !b[line] {
				out = append(out, line)
			}
		}
		slices.Sort(out)
		return strings.Join(out[:min(3, len(out))], "\n")
	}
	return "(-want +got)\n" + cmp.Diff(only(w, g), only(g, w))
}

// column returns the one column of a query.
func column[T any](t failer, c queryer, query string, args ...any) []T {
	t.Helper()
	rows, err := c.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}

// queryer is a connection.
type queryer interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}
