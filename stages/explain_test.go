package stages_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// explaining is a transaction that asks Postgres for the plan of every query.
type explaining struct {
	pgx.Tx
	plans *[]string
}

func (e explaining) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := e.Tx.Query(ctx, "explain "+sql, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	*e.plans = append(*e.plans, strings.TrimSpace(sql)+"\n"+strings.Join(lines, "\n"))
	return e.Tx.Query(ctx, sql, args...)
}

// wholeTable finds what reads an account from end to end: the table, or the index
// by nothing but the account.
var wholeTable = regexp.MustCompile(`Seq Scan on (prospects|identities|leads|seen_leads)\w*|(prospects|identities|leads|seen_leads)\w*_pkey.*\n\s*Index Cond: \(account_id = \S+\)\n`)

// TestResolveReadsWhatItNeeds: whatever the size of the base, and whether or not
// anybody told the planner about it, resolve finds what the import touches through
// the primary keys.
func TestResolveReadsWhatItNeeds(t *testing.T) {
	t.Parallel()
	for _, analyzed := range []bool{true, false} {
		t.Run(fmt.Sprintf("analyzed %v", analyzed), func(t *testing.T) {
			t.Parallel()
			readsWhatItNeeds(t, analyzed)
		})
	}
}

func readsWhatItNeeds(t *testing.T, analyzed bool) {
	b := setup(t)
	ctx := context.Background()
	const base = 30_000
	b.load(t, lead{Phone: "+5551900000001", Name: "Ana"}, lead{Email: "ana@exemplo.com.br", Name: "Ana"})
	err := b.db.InAccount(ctx, 1, func(tx pgx.Tx) error {
		for _, sql := range []string{`
insert into leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement, keys)
select account_id, import_id, n, n, n, n, 1, prospect_id, outcome, n, keys from leads, generate_series(100, $1) n where row = 1`, `
insert into seen_leads (account_id, lead_import, lead_row, import_id, row, line, sheet_row, byte_offset, byte_length)
select account_id, import_id, row, import_id, row + 1000000, 1, 1, 1, 1 from leads where row >= 100 and row < $1`, `
insert into prospects (account_id, prospect_id, keys, lead_imports, lead_rows, lead_hashes, created_at, updated_at, updated_by)
select account_id, left(prospect_id, 16) || lpad(to_hex(n), 8, '0'), array[md5(n::text)::uuid], lead_imports, array[n], array[n], created_at, updated_at, updated_by
  from prospects, generate_series(100, $1) n where phone is not null`, `
insert into identities (account_id, key, kind, value, joins, prospect_id, first_import_id, first_row)
select account_id, md5(n::text)::uuid, 2, 'x', true, left(prospect_id, 16) || lpad(to_hex(n), 8, '0'), first_import_id, n
  from identities, generate_series(100, $1) n where kind = 1`} {
			if _, err := tx.Exec(ctx, sql, base); err != nil {
				return err
			}
		}
		if !analyzed {
			return nil
		}
		_, err := tx.Exec(ctx, "select analyze_state()")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var plans []string
	d := b.deps()
	d.InAccount = func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
		return b.db.InAccount(ctx, account, func(tx pgx.Tx) error { return fn(explaining{tx, &plans}) })
	}
	way := stages.CSV(d)
	s := way[len(way)-1]
	var file []lead
	for i := range 500 {
		file = append(file, lead{Email: fmt.Sprintf("p%d@exemplo.com.br", i), Name: "Bia"})
	}
	// A bridge, an edit by id, and a source that sends whole records.
	file = append(file, lead{Phone: "+5551900000001", Email: "ana@exemplo.com.br"}, lead{ID: schemas.ProspectID(b.base()+1, 1), Name: "Ana Maria"})
	run := b.plan(t, file, func(run *pipeline.Run) { run.Source.Kind = "omie" })
	if err := s.Run(ctx, run); err != nil {
		t.Fatal(err)
	}
	if len(plans) < 5 {
		t.Fatalf("only %d queries seen", len(plans))
	}
	asked := strings.Join(plans, "\n")
	for _, table := range []string{"identities_default", "prospects_default", "leads_", "seen_leads_"} {
		if !strings.Contains(asked, table) {
			t.Errorf("no query reads %s", table)
		}
	}
	for _, p := range plans {
		if bad := wholeTable.FindString(p); bad != "" {
			t.Errorf("%s:\n%s", bad, p)
		}
	}
}
