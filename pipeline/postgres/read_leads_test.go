package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/schemas/survivorship"
)

// inAccount runs statements as the worker, in the default account.
func inAccount(t *testing.T, db *postgres.DB, statements ...func(tx pgx.Tx) error) {
	t.Helper()
	err := db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		for _, s := range statements {
			if err := s(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sql(t *testing.T, text string, args ...any) func(tx pgx.Tx) error {
	return func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), text, args...)
		return err
	}
}

// TestReadLeadsOfCountingImports has one lead that a second import saw again, one
// of an import that was taken back, and one of a prospect that merged into it.
func TestReadLeadsOfCountingImports(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	erp := drop("erp.csv")
	erp.Source = schemas.Source{Kind: "omie", Name: "loja"}
	erp.Request.Mapping.Options.Blank = "clear"
	a, b, gone := register(t, db, drop("a.csv"))[0].ID, register(t, db, erp)[0].ID, register(t, db, drop("gone.csv"))[0].ID
	mail := identity.Value{Kind: identity.Email, Canonical: "ana@example.com"}
	prospect(t, db, "ba0000000000000700000001", "Ana", mail, false)
	key := identity.Key(mail.Kind, mail.Canonical)
	lead := func(id schemas.ImportID, row int64, name string, extra any) func(tx pgx.Tx) error {
		return sql(t, `insert into bateia.leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement, keys, by_id, name, birthday, is_company, extra)
			values (1, $1, $2::bigint, 1, $2::bigint + 1, 0, 0, 'ba0000000000000700000001', 'created', 9, array[$3::uuid], $4, $5, '2001-02-03', true, $6)`, id, row, key, row == 2, name, extra)
	}
	inAccount(t, db,
		sql(t, "select bateia.ensure_history($1)", a),
		lead(a, 1, "Ana", `{"size": 3, "color": "blue"}`), lead(b, 2, "Bia", nil), lead(gone, 1, "Caio", nil),
		sql(t, `insert into bateia.seen_leads (account_id, lead_import, lead_row, import_id, row, line, sheet_row, byte_offset, byte_length) values (1, $1, 1, $2, 7, 1, 8, 0, 0), (1, $1, 1, $3, 7, 1, 8, 0, 0)`, a, b, gone),
		sql(t, "update bateia.imports set state = case import_id when $1 then 'undone' else 'applied' end, rank = case import_id when $2 then 2 else 1 end", gone, b),
		sql(t, "insert into bateia.import_columns (account_id, import_id, position, name, field, confidence, reason, filled, valid, imported) values (1, $1, 1, 'c', 'city', 1, '', 0, 0, true), (1, $1, 2, 'd', 'state', 1, '', 0, 0, false)", b),
		sql(t, "update bateia.prospects set lead_imports = $1, lead_rows = '{1,2,1}', lead_hashes = '{9,9,9}'", []int64{int64(a), int64(b), int64(gone)}))

	said, err := db.ReadLeads(t.Context(), postgres.AccountDefault, "ba0000000000000700000001")
	if err != nil {
		t.Fatal(err)
	}
	type short struct {
		Import, LeadImport schemas.ImportID
		Row, LeadRow       int64
		SheetRow           int64
		ByID, Stored       bool
		Name, File, Source string
		Identities         []string
		Extras             int
	}
	var got []short
	for _, l := range said {
		got = append(got, short{l.Import, l.LeadImport, l.Row, l.LeadRow, l.SheetRow, l.ByID, l.Stored(), l.Fields["name"], l.FileName, l.Source.Kind, l.Identities, len(l.Extra)})
	}
	want := []short{
		{a, a, 1, 1, 2, false, true, "Ana", "a.csv", "upload", []string{"2:ana@example.com"}, 2},
		{b, b, 2, 2, 3, true, true, "Bia", "erp.csv", "omie", []string{"2:ana@example.com"}, 0},
		{b, a, 7, 1, 8, false, false, "Ana", "erp.csv", "omie", nil, 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("leads mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"name": "Ana", "birthday": "2001-02-03", "is_company": "true"}, said[0].Fields); diff != "" {
		t.Errorf("fields mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&survivorship.Policy{Rank: 1}, said[0].Policy); diff != "" {
		t.Errorf("policy of an upload mismatch (-want +got):\n%s", diff)
	}
	p := said[1].Policy
	if p != said[2].Policy || p.Rank != 2 || !p.Clear || p.Changes == 0 {
		t.Errorf("policy of the ERP %+v", p)
	}
	if diff := cmp.Diff(map[string]bool{"city": true}, p.Filled); diff != "" {
		t.Errorf("filled fields mismatch (-want +got):\n%s", diff)
	}
	if none, err := db.ReadLeads(t.Context(), postgres.AccountDefault, "ba0000000000000700000009"); len(none) != 0 || err != nil {
		t.Errorf("leads of nobody: %v, %v", none, err)
	}
	if other, err := db.ReadLeads(t.Context(), postgres.AccountUnassigned, "ba0000000000000700000001"); len(other) != 0 || err != nil {
		t.Errorf("leads read in another account: %v, %v", other, err)
	}
}
