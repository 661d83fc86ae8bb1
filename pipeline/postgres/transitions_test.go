package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func result() postgres.Result {
	base := int64(4)
	return postgres.Result{
		BaseVersion: &base,
		Facts: schemas.Facts{
			Header: []string{"telefone", "nome\x00"}, Records: 7, Bytes: 512, SHA256: "aa",
			Columns: []schemas.Column{
				{Position: 0, Name: "telefone", Field: "phone", Confidence: 0.99, Reason: "header", Filled: 7, Valid: 6, Imported: true},
				{Position: 1, Name: "nome\x00", Reason: "ignored", Filled: 7},
			},
			Issues: []schemas.FileIssue{{Code: "COLUMNS_NOT_IMPORTED", Severity: schemas.SeverityWarning, Count: 1}},
			Ledger: schemas.Ledger{Read: 7, Created: 4, Updated: 1, Duplicate: 1, Rejected: 1, Blank: 2},
			Counts: schemas.ProspectCounts{Created: 4, Updated: 1},
			ByCode: []schemas.IssueCount{
				{Code: "PHONE_TOO_SHORT", Severity: schemas.SeverityError, Rows: 1},
				{Code: "COLUMNS_NOT_IMPORTED", Severity: schemas.SeverityWarning, Rows: 1},
			},
		},
	}
}

// in runs fn in a transaction of the default account.
func in(db *postgres.DB, fn func(ctx context.Context, tx pgx.Tx) error) error {
	ctx := context.Background()
	return db.InAccount(ctx, postgres.AccountDefault, func(tx pgx.Tx) error { return fn(ctx, tx) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// phases returns the state of every phase of an import.
func phases(t *testing.T, db *postgres.DB, id schemas.ImportID) map[string]string {
	t.Helper()
	rows, err := db.Pool.Query(context.Background(), "select phase, state from work where import_id = $1", id)
	must(t, err)
	out := map[string]string{}
	var phase, state string
	_, err = pgx.ForEachRow(rows, []any{&phase, &state}, func() error {
		out[phase] = state
		return nil
	})
	must(t, err)
	return out
}

func state(t *testing.T, db *postgres.DB, id schemas.ImportID) postgres.ImportRow {
	t.Helper()
	_, row, err := db.LoadRun(context.Background(), postgres.AccountDefault, id)
	must(t, err)
	return row
}

func TestAnImportGoesThrough(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	plan := mustClaim(t, db, id, postgres.PhasePlan)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.StartPlan(ctx, tx, plan) }))
	must(t, db.StartStage(context.Background(), plan, "parse"))
	must(t, db.FinishStage(context.Background(), plan, schemas.StageTime{Name: "parse", Seconds: 0.4, Rows: 7, Bytes: 512}))

	var apply postgres.Claim
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		apply, err = postgres.BeginApply(ctx, tx, plan, "w", postgres.Lease)
		return err
	}))
	if err := in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.Fence(ctx, tx, plan) }); pipeline.KindOf(err) != pipeline.KindFenced {
		t.Errorf("the plan's claim outlives it: %v", err)
	}
	must(t, db.Renew(context.Background(), plan, postgres.Lease)) // finished, not fenced
	must(t, db.StartStage(context.Background(), apply, "apply"))
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.FinishApply(ctx, tx, apply, result()) }))

	if got := state(t, db, id); got.State != schemas.Applied || got.BaseVersion == nil || *got.BaseVersion != 4 {
		t.Errorf("import is %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"plan": "done", "apply": "done", "report": "owed", "datasets": "owed"}, phases(t, db, id)); diff != "" {
		t.Errorf("phases mismatch (-want +got):\n%s", diff)
	}
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		var columns, errs, warnings, stages, events int
		err := tx.QueryRow(ctx, `select (select count(*) from import_columns), errors, warnings,
			(select count(*) from import_stages where finished_at is not null and seconds is not null), (select count(*) from events) from imports`).
			Scan(&columns, &errs, &warnings, &stages, &events)
		if columns != 2 || errs != 1 || warnings != 1 || stages != 2 || events != 2 {
			t.Errorf("%d columns, %d errors, %d warnings, %d stages, %d events", columns, errs, warnings, stages, events)
		}
		return err
	}))

	report := mustClaim(t, db, id, postgres.PhaseReport)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.FinishAfter(ctx, tx, report, "") }))
	if got := phases(t, db, id)["report"]; got != "done" {
		t.Errorf("report is %s", got)
	}
}

func TestALedgerThatDoesNotBalanceIsNotApplied(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	plan := mustClaim(t, db, id, postgres.PhasePlan)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.StartPlan(ctx, tx, plan) }))
	r := result()
	r.Facts.Ledger.Created--
	err := in(db, func(ctx context.Context, tx pgx.Tx) error {
		c, err := postgres.BeginApply(ctx, tx, plan, "w", postgres.Lease)
		if err != nil {
			return err
		}
		return postgres.FinishApply(ctx, tx, c, r)
	})
	if err == nil || state(t, db, id).State != schemas.Planning {
		t.Errorf("import is %s: %v", state(t, db, id).State, err)
	}
}

func TestHeldThenConfirmedTwice(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	plan := mustClaim(t, db, id, postgres.PhasePlan)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.StartPlan(ctx, tx, plan) }))
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		return postgres.FinishPlan(ctx, tx, plan, postgres.Plan{Result: result(), Held: true, Code: "TOO_MANY_ERRORS", Prefix: "plans/x/1/", SHA256: "bb"})
	}))
	if got := state(t, db, id); got.State != schemas.Ready || !got.Held || got.Code != "TOO_MANY_ERRORS" || got.PlanPrefix != "plans/x/1/" {
		t.Errorf("import is %+v", got)
	}

	var found [2]schemas.State
	var apply postgres.Claim
	for i := range found {
		must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
			var err error
			found[i], err = postgres.Confirm(ctx, tx, postgres.AccountDefault, id)
			return err
		}))
		if i == 0 {
			apply = mustClaim(t, db, id, postgres.PhaseApply)
			must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.StartApply(ctx, tx, apply) }))
		}
	}
	if found != [2]schemas.State{schemas.Ready, schemas.Applying} {
		t.Errorf("confirming found %v", found)
	}
	if got := state(t, db, id); !got.Confirmed || got.State != schemas.Applying || got.Code != "" {
		t.Errorf("import is %+v", got)
	}
	if err := in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.Fence(ctx, tx, apply) }); err != nil {
		t.Errorf("the second confirmation disturbed the first: %v", err)
	}
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.PlanAgain(ctx, tx, apply, 0) }))
	if diff := cmp.Diff(map[string]string{"plan": "owed", "apply": "done", "report": "owed", "datasets": "owed"}, phases(t, db, id)); diff != "" {
		t.Errorf("phases mismatch (-want +got):\n%s", diff)
	}
}

func TestRejectKeepsTheCodeAsAnIssueOfTheFile(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	c := mustClaim(t, db, id, postgres.PhasePlan)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		return postgres.Conclude(ctx, tx, c, schemas.Rejected, "FILE_NOT_CSV", result())
	}))
	var codes []string
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select code from issues where import_id = $1 and row is null order by code", id)
		if err != nil {
			return err
		}
		codes, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	if diff := cmp.Diff([]string{"COLUMNS_NOT_IMPORTED", "FILE_NOT_CSV"}, codes); diff != "" {
		t.Errorf("issues mismatch (-want +got):\n%s", diff)
	}
	if got := state(t, db, id); got.State != schemas.Rejected || got.Code != "FILE_NOT_CSV" || got.Facts.Ledger != (schemas.Ledger{}) {
		t.Errorf("import is %+v", got)
	}
	err := in(db, func(ctx context.Context, tx pgx.Tx) error {
		_, err := postgres.Cancel(ctx, tx, postgres.AccountDefault, id+1)
		return err
	})
	if !errors.Is(err, postgres.ErrNotFound) {
		t.Errorf("canceling what is not there: %v", err)
	}
}

func TestCancelFencesThePlanner(t *testing.T) {
	t.Parallel()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	plan := mustClaim(t, db, id, postgres.PhasePlan)
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error { return postgres.StartPlan(ctx, tx, plan) }))
	must(t, in(db, func(ctx context.Context, tx pgx.Tx) error {
		found, err := postgres.Cancel(ctx, tx, postgres.AccountDefault, id)
		if found != schemas.Planning {
			t.Errorf("canceling found %s", found)
		}
		return err
	}))
	if err := db.Renew(context.Background(), plan, postgres.Lease); pipeline.KindOf(err) != pipeline.KindFenced {
		t.Errorf("the planner of a canceled import renews: %v", err)
	}
	err := in(db, func(ctx context.Context, tx pgx.Tx) error {
		return postgres.FinishPlan(ctx, tx, plan, postgres.Plan{Result: result()})
	})
	if pipeline.KindOf(err) != pipeline.KindFenced {
		t.Errorf("the planner of a canceled import commits: %v", err)
	}
	if got := state(t, db, id); got.State != schemas.Canceled {
		t.Errorf("import is %s", got.State)
	}
}
