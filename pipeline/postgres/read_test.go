package postgres_test

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

func TestFindImports(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	if ids, _, err := db.FindImports(t.Context(), nil, ""); len(ids) != 0 || err != nil {
		t.Fatalf("imports of an empty database: %v, %v", ids, err)
	}
	first := register(t, db, drop("a.csv"))[0].ID
	second := register(t, db, drop("b.csv"))[0].ID
	other := int32(0)
	tests := []struct {
		name    string
		account *int32
		prefix  string
		want    []schemas.ImportID
	}{
		{"all, newest first", nil, "", []schemas.ImportID{second, first}},
		{"whole id", nil, first.String(), []schemas.ImportID{first}},
		{"prefix of both", nil, first.String()[:4], []schemas.ImportID{second, first}},
		{"nobody's prefix", nil, "00", nil},
		{"another account", &other, "", nil},
	}
	for _, tt := range tests {
		got, accounts, err := db.FindImports(t.Context(), tt.account, tt.prefix)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", tt.name, diff)
		}
		for _, a := range accounts {
			if a != postgres.AccountDefault {
				t.Errorf("%s: account %d", tt.name, a)
			}
		}
	}
	if _, _, err := db.FindImports(t.Context(), nil, "xyz"); err == nil {
		t.Error("a prefix that is no number was taken")
	}
}

func TestReadImportsFilters(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	a := register(t, db, drop("a.csv"))[0].ID
	r := drop("b.csv")
	r.List, r.Source.Name = "Outra", "other"
	b := register(t, db, r)[0].ID
	tests := []struct {
		name string
		f    postgres.ImportFilter
		want []schemas.ImportID
	}{
		{"all", postgres.ImportFilter{}, []schemas.ImportID{b, a}},
		{"list in another case", postgres.ImportFilter{List: "outra"}, []schemas.ImportID{b}},
		{"source", postgres.ImportFilter{Source: "feira"}, []schemas.ImportID{a}},
		{"state", postgres.ImportFilter{State: "applied"}, nil},
		{"held", postgres.ImportFilter{State: "held"}, nil},
		{"since tomorrow", postgres.ImportFilter{Since: time.Now().Add(24 * time.Hour)}, nil},
		{"limit", postgres.ImportFilter{Limit: 1}, []schemas.ImportID{b}},
	}
	for _, tt := range tests {
		list, err := db.ReadImports(t.Context(), postgres.AccountDefault, tt.f)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var got []schemas.ImportID
		for _, i := range list {
			got = append(got, i.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", tt.name, diff)
		}
	}
	if _, err := db.ReadImport(t.Context(), postgres.AccountUnassigned, a); !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("import read in another account: %v", err)
	}
}

func TestReportKeysAndStateTime(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	row, err := db.ReadImport(t.Context(), postgres.AccountDefault, id)
	if err != nil {
		t.Fatal(err)
	}
	since, err := db.StateSince(t.Context(), row)
	if err != nil || since.Sub(row.CreatedAt).Abs() > time.Second {
		t.Errorf("received since %v, registered %v, %v", since, row.CreatedAt, err)
	}
	if err := db.SetReport(t.Context(), postgres.AccountDefault, id, "results/r.txt", ""); err != nil {
		t.Fatal(err)
	}
	row, err = db.ReadImport(t.Context(), postgres.AccountDefault, id)
	if err != nil || row.ResultKey != "results/r.txt" || row.FeedbackKey != "" {
		t.Errorf("report keys %q, %q, %v", row.ResultKey, row.FeedbackKey, err)
	}
	if done, err := db.PhaseDone(t.Context(), id, postgres.PhaseReport); !done || err != nil {
		t.Errorf("a report that is not owed: done %v, %v", done, err)
	}
}

// prospect inserts a prospect of the default account with one identity.
func prospect(t *testing.T, db *postgres.DB, id, name string, v identity.Value, shared bool) {
	t.Helper()
	key := identity.Key(v.Kind, v.Canonical)
	if shared {
		key = identity.SharedKey(v.Kind, v.Canonical, identity.FoldName(name))
	}
	err := db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into bateia.prospects (account_id, prospect_id, name, city, extra, keys, lead_imports, lead_rows, lead_hashes, created_at, updated_at, updated_by)
			values (1, $1, $2, 'Canoas', '{"cor": "azul"}', array[$3::uuid], '{7}', '{1}', '{9}', '2026-01-02', '2026-01-03', 7)`, id, name, key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `insert into bateia.identities (account_id, key, kind, value, joins, prospect_id, first_import_id, first_row)
			values (1, $1, $2, $3, $4, $5, 7, 1)`, key, int16(v.Kind), v.Canonical, !shared, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadProspects(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	mail := identity.Value{Kind: identity.Email, Canonical: "ana@example.com"}
	desk := identity.Value{Kind: identity.Phone, Canonical: "+555133334444"}
	prospect(t, db, "ba0000000000000700000001", "Ana", mail, false)
	prospect(t, db, "ba0000000000000700000002", "Bia", desk, true)
	prospect(t, db, "ba0000000000000700000003", "Caio", desk, true)
	err := db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "insert into bateia.aliases values (1, 'ba0000000000000700000003', 'ba0000000000000700000001')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		f    postgres.ProspectFilter
		want string
	}{
		{"all but the merged one", postgres.ProspectFilter{}, "Ana Bia "},
		{"one", postgres.ProspectFilter{ID: "ba0000000000000700000002"}, "Bia "},
		{"field", postgres.ProspectFilter{Where: map[string]string{"name": "Ana", "city": "Canoas"}}, "Ana "},
		{"extra field", postgres.ProspectFilter{Where: map[string]string{"extra.cor": "verde"}}, ""},
		{"import", postgres.ProspectFilter{Import: 7}, "Ana Bia "},
		{"another import", postgres.ProspectFilter{Import: 8}, ""},
		{"changed later", postgres.ProspectFilter{Since: time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)}, ""},
		{"list that is not there", postgres.ProspectFilter{List: "feira"}, ""},
		{"brief", postgres.ProspectFilter{Brief: true}, "Ana Bia "},
	}
	for _, tt := range tests {
		got := ""
		for p, err := range db.ReadProspects(t.Context(), postgres.AccountDefault, tt.f) {
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			got += p.Fields["name"] + " "
			if (len(p.Identities) == 0) != tt.f.Brief || p.Extra["cor"] != "azul" || p.Leads != 1 {
				t.Errorf("%s: prospect %+v", tt.name, p)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, field := range []string{"shoe", "phone2", "name) or true --"} {
		for _, err := range db.ReadProspects(t.Context(), postgres.AccountDefault, postgres.ProspectFilter{Where: map[string]string{field: "x"}}) {
			if err == nil {
				t.Errorf("field %q was taken", field)
			}
		}
	}
	for p, err := range db.ReadProspects(t.Context(), postgres.AccountUnassigned, postgres.ProspectFilter{}) {
		t.Errorf("another account reads %+v, %v", p, err)
	}
}

func TestFindProspects(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	mail := identity.Value{Kind: identity.Email, Canonical: "ana@example.com"}
	desk := identity.Value{Kind: identity.Phone, Canonical: "+555133334444"}
	prospect(t, db, "ba0000000000000700000001", "Ana", mail, false)
	prospect(t, db, "ba0000000000000700000002", "Bia", desk, true)
	prospect(t, db, "ba0000000000000700000003", "Caio", desk, true)
	tests := []struct {
		name   string
		id     string
		values []identity.Value
		want   []string
	}{
		{"joining value", "", []identity.Value{mail}, []string{"ba0000000000000700000001"}},
		{"shared value, whatever the names", "", []identity.Value{desk}, []string{"ba0000000000000700000002", "ba0000000000000700000003"}},
		{"id", "ba0000000000000700000002", nil, []string{"ba0000000000000700000002"}},
		{"unknown value", "", []identity.Value{{Kind: identity.Email, Canonical: "bia@example.com"}}, nil},
	}
	for _, tt := range tests {
		got, err := db.FindProspects(t.Context(), postgres.AccountDefault, tt.id, tt.values...)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", tt.name, diff)
		}
	}
	// A merged prospect answers by the one that survived.
	key := identity.Key(mail.Kind, mail.Canonical)
	err := db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "insert into bateia.aliases values (1, 'ba0000000000000700000001', 'ba0000000000000700000002')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ba0000000000000700000001", ""} {
		values := []identity.Value{mail}
		if id != "" {
			values = nil
		}
		got, err := db.FindProspects(t.Context(), postgres.AccountDefault, id, values...)
		if err != nil || len(got) != 1 || got[0] != "ba0000000000000700000002" {
			t.Errorf("merged prospect (id %q, key %s) answers as %v, %v", id, hex.EncodeToString(key[:4]), got, err)
		}
	}
}

func TestHealthCountsOverAccounts(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	register(t, db, drop("a.csv"), drop("b.csv"))
	h, err := db.ReadHealth(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	if got := h.States["received"].Imports; got != 2 {
		t.Errorf("%d imports received, want 2", got)
	}
	if !h.Scanned.IsZero() {
		t.Errorf("a bucket that was never scanned was at %v", h.Scanned)
	}
	list, err := db.ReadAttention(t.Context(), time.Hour)
	if err != nil || len(list) != 0 {
		t.Errorf("overdue at once: %v, %v", list, err)
	}
	if list, err = db.ReadAttention(t.Context(), -time.Hour); err != nil || len(list) != 2 {
		t.Errorf("overdue in the end: %v, %v", list, err)
	}
}
