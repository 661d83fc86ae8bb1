package postgres_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

func TestDistributions(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	ctx := t.Context()
	if err := db.CreateDistribution(ctx, postgres.AccountDefault, schemas.Distribution{Name: "Sul", Members: []string{"Ana", "Bia"}, Next: 1}); err != nil {
		t.Fatal(err)
	}
	if err := db.CreateDistribution(ctx, postgres.AccountDefault, schemas.Distribution{Name: " SUL"}); !errors.Is(err, postgres.ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	if err := db.CreateDistribution(ctx, postgres.AccountUnassigned, schemas.Distribution{Name: "Sul"}); err != nil {
		t.Errorf("the same name in another account: %v", err)
	}
	got, err := db.ChangeDistribution(ctx, postgres.AccountDefault, "sul", func(d *schemas.Distribution) error {
		d.Join("Caio")
		d.Leave("ana")
		return nil
	})
	want := schemas.Distribution{Name: "Sul", Members: []string{"Bia", "Caio"}, Next: 0, Returned: []string{}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("changed distribution mismatch (-want +got), %v:\n%s", err, diff)
	}
	no := errors.New("no")
	if _, err := db.ChangeDistribution(ctx, postgres.AccountDefault, "sul", func(d *schemas.Distribution) error { d.Members = nil; return no }); !errors.Is(err, no) {
		t.Errorf("a change that fails: %v", err)
	}
	if _, err := db.ChangeDistribution(ctx, postgres.AccountDefault, "norte", func(*schemas.Distribution) error { return nil }); !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("a distribution that is not there: %v", err)
	}
	// A run knows them, and what others do not.
	run, _, err := db.LoadRun(ctx, postgres.AccountDefault, register(t, db, drop("a.csv"))[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]schemas.Distribution{{Name: want.Name, Members: want.Members}}, run.Account.Distributions); diff != "" {
		t.Errorf("distributions of a run mismatch (-want +got):\n%s", diff)
	}
	if err := db.DeleteDistribution(ctx, postgres.AccountDefault, "SUL"); err != nil {
		t.Error(err)
	}
	if err := db.DeleteDistribution(ctx, postgres.AccountDefault, "SUL"); !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if left, err := db.Distributions(ctx, postgres.AccountUnassigned); len(left) != 1 || left[0].Members == nil || err != nil {
		t.Errorf("distributions of the other account: %+v, %v", left, err)
	}
}

// half is the first half of a value's key, as the database holds it.
func half(v identity.Value) int64 {
	key := identity.Key(v.Kind, v.Canonical)
	return int64(binary.BigEndian.Uint64(key[:8]))
}

func TestSharedValuesAreListedAndReversed(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	ctx := t.Context()
	phone := identity.Value{Kind: identity.Phone, Canonical: "+5511999999999"}
	mail := identity.Value{Kind: identity.Email, Canonical: "contador@example.com"}
	gone := identity.Value{Kind: identity.Phone, Canonical: "+5511988887777"}
	if half(phone) > 0 == (half(mail) > 0) {
		t.Fatal("the two values shall differ in the sign of their keys")
	}
	prospect(t, db, "ba0000000000000700000001", "Ana", phone, false)
	prospect(t, db, "ba0000000000000700000002", "Bia", phone, true)
	prospect(t, db, "ba0000000000000700000003", "Caio", mail, true)
	inAccount(t, db,
		sql(t, "update bateia.identities set joins = false, name_hashes = '{1,2,3,4,5}'"),
		sql(t, `insert into bateia.shared_values (account_id, k1, kind, import_id, names, decided_at) values
			(1, $1, 1, 7, 60, '2026-01-03'), (1, $2, 2, null, 0, '2026-01-02'), (1, $3, 1, 7, 5, '2026-01-01')`, half(phone), half(mail), half(gone)),
		sql(t, `insert into bateia.decisions (account_id, kind, subject, import_id, decided_by, revoked_at) values
			(1, 'merge', '{"prospect": "ba1", "others": ["ba2"]}', 8, 'ana', null), (1, 'split', '{}', 9, 'bia', now())`))

	shared, decisions, err := db.ReadDecisions(ctx, postgres.AccountDefault)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range shared {
		got = append(got, s.Kind.String()+" "+s.Value+" "+s.Import.String())
	}
	want := []string{"phone +5511999999999 00000000000007", "email contador@example.com 00000000000000", "phone  00000000000007"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shared values mismatch (-want +got):\n%s", diff)
	}
	if len(decisions) != 1 || decisions[0].Kind != "merge" || decisions[0].DecidedBy != "ana" || decisions[0].Import != 8 {
		t.Errorf("decisions in force: %+v", decisions)
	}

	version := baseVersion(t, db)
	if ended, err := db.JoinAgain(ctx, postgres.AccountDefault, identity.Value{Kind: identity.Email, Canonical: "nobody@example.com"}); ended || err != nil {
		t.Errorf("a value without a decision: %v, %v", ended, err)
	}
	if now := baseVersion(t, db); now != version {
		t.Errorf("nothing changed, and the base went from version %d to %d", version, now)
	}
	if ended, err := db.JoinAgain(ctx, postgres.AccountDefault, phone); !ended || err != nil {
		t.Errorf("a shared value: %v, %v", ended, err)
	}
	if now := baseVersion(t, db); now != version+1 {
		t.Errorf("the base went from version %d to %d", version, now)
	}
	if ended, err := db.JoinAgain(ctx, postgres.AccountDefault, phone); ended || err != nil {
		t.Errorf("the same again: %v, %v", ended, err)
	}
	joins := map[string]bool{}
	inAccount(t, db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select prospect_id, joins and name_hashes = '{}' from bateia.identities")
		if err != nil {
			return err
		}
		var id string
		var joined bool
		_, err = pgx.ForEachRow(rows, []any{&id, &joined}, func() error { joins[id[22:]] = joined; return nil })
		return err
	})
	if diff := cmp.Diff(map[string]bool{"01": true, "02": false, "03": false}, joins); diff != "" {
		t.Errorf("what joins mismatch (-want +got):\n%s", diff)
	}
	if shared, _, err := db.ReadDecisions(ctx, postgres.AccountDefault); len(shared) != 2 || err != nil {
		t.Errorf("%d shared values left, %v", len(shared), err)
	}
}

func baseVersion(t *testing.T, db *postgres.DB) (n int64) {
	t.Helper()
	if err := db.Pool.QueryRow(t.Context(), "select base_version from bateia.accounts where account_id = 1").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJoinAgainDoesNotWaitForAnImport(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	inAccount(t, db, func(tx pgx.Tx) error {
		if err := pipeline.LockAccount(t.Context(), tx, postgres.AccountDefault); err != nil {
			return err
		}
		_, err := db.JoinAgain(t.Context(), postgres.AccountDefault, identity.Value{Kind: identity.Email, Canonical: "ana@example.com"})
		if pipeline.KindOf(err) != pipeline.KindBusy {
			t.Errorf("while an import is applied: %v", err)
		}
		return nil
	})
}
