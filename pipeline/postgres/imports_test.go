package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func drop(key string) postgres.Registration {
	pin := schemas.ObjectPin{Bucket: "b", Key: "uploads/default/" + key, ETag: "e1", Size: 10, Modified: time.Unix(1_700_000_000, 0).UTC()}
	return postgres.Registration{
		Source:   schemas.Source{Kind: "upload", Name: "feira"},
		FileName: key, List: "feira", Object: pin, Versions: postgres.DropVersions(pin),
		Request: schemas.Request{Unattended: true},
	}
}

// register registers for the default account.
func register(t *testing.T, db *postgres.DB, list ...postgres.Registration) []postgres.Registered {
	t.Helper()
	var out []postgres.Registered
	err := db.InAccount(context.Background(), postgres.AccountDefault, func(tx pgx.Tx) error {
		var err error
		out, err = postgres.Register(context.Background(), tx, postgres.AccountDefault, list...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRegisterLoadsBackWhatWasAsked(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	r := drop("leads.csv")
	r.Request.Mapping.Tags = []string{"feira-2024"}
	r.Request.Mapping.Set = map[string]string{"source": "nul \x00 and \\u0000"}
	id := register(t, db, r)[0].ID

	run, row, err := db.LoadRun(context.Background(), postgres.AccountDefault, id)
	if err != nil {
		t.Fatal(err)
	}
	r.Request.Mapping.List = "feira"
	r.Request.Mapping.Set["source"] = "nul � and \\u0000"
	if diff := cmp.Diff(r.Request, run.Request); diff != "" {
		t.Errorf("request mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(r.Object, run.Object); diff != "" {
		t.Errorf("object mismatch (-want +got):\n%s", diff)
	}
	if run.Source != r.Source || run.FileName != r.FileName || run.Account.Slug != "default" || row.State != schemas.Received {
		t.Errorf("run of %s by %q is %+v in state %s", run.FileName, run.Account.Slug, run.Source, row.State)
	}
	if run.Now.IsZero() {
		t.Error("run has no time of registration")
	}
}

func TestRegisterDropsOnce(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	versioned := drop("v.csv")
	versioned.Object.VersionID = "v1"
	versioned.Versions = postgres.DropVersions(versioned.Object)
	first := register(t, db, drop("a.csv"), drop("b.csv"), versioned)
	if first[0].ID >= first[1].ID {
		t.Errorf("ids %s, %s are not in order", first[0].ID, first[1].ID)
	}

	changed := drop("a.csv")
	changed.Object.ETag = "e2"
	changed.Versions = postgres.DropVersions(changed.Object)
	newVersion := versioned
	newVersion.Object.VersionID = "v2" // same content within the same second
	newVersion.Versions = postgres.DropVersions(newVersion.Object)
	again := register(t, db, drop("b.csv"), changed, drop("a.csv"), versioned, newVersion)
	want := []postgres.Registered{
		{ID: first[1].ID, Existed: true}, {ID: again[1].ID}, {ID: first[0].ID, Existed: true},
		{ID: first[2].ID, Existed: true}, {ID: again[4].ID},
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("second registration mismatch (-want +got):\n%s", diff)
	}

	local := drop("local.csv")
	local.Versions = nil
	twice := register(t, db, local, local)
	if twice[0].ID == twice[1].ID || twice[0].Existed || twice[1].Existed {
		t.Errorf("an import of a local file is always new, got %+v", twice)
	}
}

func TestRegisterRaces(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	ids := make([]schemas.ImportID, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			err := db.InAccount(context.Background(), postgres.AccountDefault, func(tx pgx.Tx) error {
				out, err := postgres.Register(context.Background(), tx, postgres.AccountDefault, drop("a.csv"))
				if err == nil {
					ids[i] = out[0].ID
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == 0 {
			t.Fatalf("one drop became the imports %v", ids)
		}
	}
}

func TestNewDropsNamesWhatIsNotRegistered(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	a, b, c := drop("a.csv"), drop("b.csv"), drop("c.csv")
	register(t, db, a, c)
	c.Object.Size++
	err := db.InAccount(context.Background(), postgres.AccountDefault, func(tx pgx.Tx) error {
		got, err := postgres.NewDrops(context.Background(), tx, postgres.AccountDefault, "b", []schemas.ObjectPin{a.Object, b.Object, c.Object})
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			t.Errorf("new drops mismatch (-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	other, err := db.CreateAccount(ctx, schemas.Account{Slug: "outra", Locale: "es"})
	if err != nil {
		t.Fatal(err)
	}
	if other.Country != "BR" || other.Locale != "es" {
		t.Errorf("account is %+v", other)
	}
	if _, _, err := db.LoadRun(ctx, other.ID, id); !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("another account loads the import: %v", err)
	}
	var seen int
	if err := db.Pool.QueryRow(ctx, "select count(*) from imports").Scan(&seen); err != nil || seen != 0 {
		t.Errorf("without an account %d imports are visible: %v", seen, err)
	}
	err = db.InAccount(ctx, other.ID, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into sources (account_id, kind, name) values (1, 'upload', 'Ana Canária')")
		return err
	})
	if err == nil || postgres.SQLState(err) != "42501" {
		t.Errorf("a row of another account can be written: %v", err)
	}
	month := time.Now().UTC().Format("200601")
	for _, leaf := range []string{"prospects_default", "identities_default", "leads_" + month, "issues_" + month} {
		err := db.InAccount(ctx, postgres.AccountDefault, func(tx pgx.Tx) error {
			return tx.QueryRow(ctx, "select count(*) from "+leaf).Scan(&seen)
		})
		if postgres.SQLState(err) != "42501" {
			t.Errorf("leaf %s can be read: %v", leaf, err)
		}
	}
	// The setting of one transaction is not there in the next on the same connection.
	if err := db.Pool.QueryRow(ctx, "select count(*) from drops").Scan(&seen); err != nil || seen != 0 {
		t.Errorf("after a transaction of an account %d drops are visible: %v", seen, err)
	}
}

func TestErrorsCarryNoValues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	const canary = "Ana Canária 51987654321"
	for _, sql := range []string{
		"insert into sources (account_id, kind, name) values (1, 'upload', '" + canary + "'), (1, 'upload', '" + canary + "')",
		"insert into sources (account_id, kind, name) values (1, '" + canary + "', '')",
		"select '" + canary + "'::int",
		"do $$ begin raise exception '" + canary + "'; end $$",
	} {
		err := db.InAccount(ctx, postgres.AccountDefault, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("do something: %w", err)
			}
			return nil
		})
		if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "Canária") || !strings.Contains(err.Error(), "do something: SQLSTATE") {
			t.Errorf("error of %.20q is %v", sql, err)
		}
	}
	err := db.InAccount(ctx, postgres.AccountDefault, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select $1::int", canary).Scan(new(int))
	})
	if err == nil || strings.Contains(err.Error(), "Canária") {
		t.Errorf("error of an argument is %v", err)
	}
	for _, bad := range []string{"postgres://u:" + canary + "@127.0.0.1:1/x", "://" + canary, "host=127.0.0.1 port=1 password='" + canary + "'"} {
		if _, err := postgres.Open(ctx, bad); err == nil || strings.Contains(err.Error(), "Canária") {
			t.Errorf("error of a connection is %v", err)
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	r := drop("x.csv")
	r.Refused = &schemas.FileIssue{Code: "ACCOUNT_UNKNOWN", Detail: "acme"}
	var id schemas.ImportID
	must(t, db.InAccount(ctx, postgres.AccountUnassigned, func(tx pgx.Tx) error {
		out, err := postgres.Register(ctx, tx, postgres.AccountUnassigned, r)
		if err == nil {
			id = out[0].ID
		}
		return err
	}))
	_, row, err := db.LoadRun(ctx, postgres.AccountUnassigned, id)
	must(t, err)
	want := []schemas.FileIssue{{Code: "ACCOUNT_UNKNOWN", Detail: "acme", Severity: schemas.SeverityError}}
	if diff := cmp.Diff(want, row.Facts.Issues); diff != "" || row.State != schemas.Rejected || row.Code != "ACCOUNT_UNKNOWN" {
		t.Errorf("import is %s %s, issues (-want +got):\n%s", row.State, row.Code, diff)
	}
	if diff := cmp.Diff(map[string]string{"report": "owed", "datasets": "owed"}, phases(t, db, id)); diff != "" {
		t.Errorf("phases mismatch (-want +got):\n%s", diff)
	}
}
