package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// expire ends the lease of a phase, as an hour of silence would. The server must
// look older than the lease, or an outage would be blamed.
func expire(t *testing.T, db *postgres.DB, id schemas.ImportID, phase postgres.Phase) {
	t.Helper()
	_, err := db.Pool.Exec(context.Background(), "update work set lease_until = clock_timestamp() - interval '1 millisecond' where import_id = $1 and phase = $2", id, phase)
	if err != nil {
		t.Fatal(err)
	}
}

// short is a lease that was renewed after the server started, also when the
// server is only seconds old.
const short = time.Millisecond

func mustClaim(t *testing.T, db *postgres.DB, id schemas.ImportID, phase postgres.Phase) postgres.Claim {
	t.Helper()
	c, err := db.Claim(context.Background(), id, phase, "w", postgres.Lease)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOneOfManyClaims(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	var won, busy atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, err := db.Claim(ctx, id, postgres.PhasePlan, "w", postgres.Lease)
			switch {
			case err == nil:
				won.Add(1)
			case pipeline.KindOf(err) == pipeline.KindBusy:
				busy.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || busy.Load() != 9 {
		t.Errorf("%d workers got the claim, %d found it taken", won.Load(), busy.Load())
	}
	if _, err := db.Claim(ctx, id, postgres.PhaseApply, "w", postgres.Lease); !errors.Is(err, postgres.ErrNotOwed) {
		t.Errorf("a phase that is not owed can be claimed: %v", err)
	}
}

func TestClaimLifecycle(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	fence := func(c postgres.Claim) pipeline.Kind {
		err := db.InAccount(ctx, c.Account, func(tx pgx.Tx) error { return postgres.Fence(ctx, tx, c) })
		if err == nil {
			return ""
		}
		return pipeline.KindOf(err)
	}

	first := mustClaim(t, db, id, postgres.PhasePlan)
	if first.Epoch != 1 || first.Alone || first.Account != postgres.AccountDefault {
		t.Fatalf("first claim is %+v", first)
	}
	expire(t, db, id, postgres.PhasePlan)
	if err := db.Renew(ctx, first, postgres.Lease); err != nil {
		t.Errorf("a lease that ran out and that nobody took cannot be renewed: %v", err)
	}
	if _, err := db.Claim(ctx, id, postgres.PhasePlan, "w2", short); pipeline.KindOf(err) != pipeline.KindBusy {
		t.Errorf("claim while held: %v", err)
	}

	expire(t, db, id, postgres.PhasePlan)
	second, err := db.Claim(ctx, id, postgres.PhasePlan, "w2", short)
	if err != nil {
		t.Fatal(err)
	}
	if second.Epoch != 2 || !second.Alone {
		t.Errorf("claim after a lease ran out is %+v, want epoch 2 and alone", second)
	}
	if got := fence(first); got != pipeline.KindFenced {
		t.Errorf("first worker passes the fence: %q", got)
	}
	if got := fence(second); got != "" {
		t.Errorf("second worker does not: %q", got)
	}
	if err := db.Renew(ctx, first, postgres.Lease); pipeline.KindOf(err) != pipeline.KindFenced {
		t.Errorf("first worker renews: %v", err)
	}
	if err := db.Release(ctx, first, 0); err != nil {
		t.Error(err)
	}
	if got := fence(second); got != "" {
		t.Errorf("releasing a lost claim takes it from its holder: %q", got)
	}
	if err := db.Release(ctx, second, 0); err != nil {
		t.Error(err)
	}
	if third := mustClaim(t, db, id, postgres.PhasePlan); third.Epoch != 3 {
		t.Errorf("third claim is %+v", third)
	}
}

// A transaction that passed the fence holds the row: the lease may run out
// meanwhile, but nobody takes over and the keeper does not hang on it.
func TestFenceHoldsUntilTheTransactionEnds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	c := mustClaim(t, db, id, postgres.PhasePlan)
	expire(t, db, id, postgres.PhasePlan)
	err := db.InAccount(ctx, c.Account, func(tx pgx.Tx) error {
		if err := postgres.Fence(ctx, tx, c); err != nil {
			return err
		}
		if _, err := db.Claim(ctx, id, postgres.PhasePlan, "w2", short); pipeline.KindOf(err) != pipeline.KindBusy {
			t.Errorf("claim under a fence: %v", err)
		}
		return db.Renew(ctx, c, postgres.Lease)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPoison(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	mustClaim(t, db, id, postgres.PhasePlan)
	// One lease that ran out makes it alone, two more while alone are deaths.
	for n := range 3 {
		expire(t, db, id, postgres.PhasePlan)
		if c, err := db.Claim(ctx, id, postgres.PhasePlan, "w", short); err != nil || !c.Alone {
			t.Fatalf("takeover %d: %+v, %v", n, c, err)
		}
	}
	// The third is told by the operating system: the process is gone.
	if n, err := db.ReleaseWorker(ctx, "w"); err != nil || n != 1 {
		t.Fatalf("released %d claims: %v", n, err)
	}
	c, err := db.Claim(ctx, id, postgres.PhasePlan, "w", short)
	if pipeline.CodeOf(err) != "POISONED" || pipeline.KindOf(err) != pipeline.KindPermanent {
		t.Fatalf("fourth death: %v", err)
	}
	err = db.InAccount(ctx, c.Account, func(tx pgx.Tx) error {
		return postgres.Conclude(ctx, tx, c, schemas.Failed, "POISONED", postgres.Result{})
	})
	if err != nil {
		t.Fatal(err)
	}
	_, row, err := db.LoadRun(ctx, c.Account, id)
	if err != nil || row.State != schemas.Failed || row.Code != "POISONED" {
		t.Errorf("import is %s with code %s: %v", row.State, row.Code, err)
	}
}

func TestOutagesAreNoDeaths(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	id := register(t, db, drop("a.csv"))[0].ID
	mustClaim(t, db, id, postgres.PhasePlan)
	// Renewed last before the server started: a very long lease that ended.
	expire(t, db, id, postgres.PhasePlan)
	c, err := db.Claim(ctx, id, postgres.PhasePlan, "w", 10*365*24*time.Hour)
	if err != nil || c.Alone {
		t.Errorf("a server that restarted is held against the import: %+v, %v", c, err)
	}

	// Taken over twice, but the first holder lives and says so.
	expire(t, db, id, postgres.PhasePlan)
	lost, err := db.Claim(ctx, id, postgres.PhasePlan, "w", short)
	if err != nil || !lost.Alone {
		t.Fatalf("%+v, %v", lost, err)
	}
	expire(t, db, id, postgres.PhasePlan)
	if _, err := db.Claim(ctx, id, postgres.PhasePlan, "w", short); err != nil {
		t.Fatal(err)
	}
	if err := db.Absolve(ctx, lost); err != nil {
		t.Fatal(err)
	}
	var deaths int
	if err := db.Pool.QueryRow(ctx, "select deaths from work where import_id = $1", id).Scan(&deaths); err != nil || deaths != 0 {
		t.Errorf("%d deaths, %v", deaths, err)
	}
}

func TestTakeOwed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := setup(t)
	reg := register(t, db, drop("a.csv"), drop("b.csv"), drop("c.csv"), drop("d.csv"))
	take := func() []postgres.Owed {
		var out []postgres.Owed
		err := db.InTx(ctx, func(tx pgx.Tx) error {
			var err error
			out, err = postgres.TakeOwed(ctx, tx, 10, 30*time.Second)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := take(); len(got) != 0 {
		t.Errorf("what was just registered is taken: %v", got)
	}
	due := func() {
		if _, err := db.Pool.Exec(ctx, "update work set not_before = now() - interval '1 second'"); err != nil {
			t.Fatal(err)
		}
	}
	due()
	mustClaim(t, db, reg[0].ID, postgres.PhasePlan) // running
	mustClaim(t, db, reg[1].ID, postgres.PhasePlan)
	expire(t, db, reg[1].ID, postgres.PhasePlan) // its holder vanished
	_, err := db.Pool.Exec(ctx, "insert into river.river_job (kind, args, max_attempts) values ('plan_import', jsonb_build_object('import_id', $1::text), 5)", reg[2].ID.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[schemas.ImportID]postgres.Phase{}
	for _, o := range take() {
		got[o.ImportID] = o.Phase
	}
	want := map[schemas.ImportID]postgres.Phase{reg[1].ID: postgres.PhasePlan, reg[3].ID: postgres.PhasePlan}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owed work mismatch (-want +got):\n%s", diff)
	}
	if got := take(); len(got) != 0 {
		t.Errorf("what was taken is taken again at once: %v", got)
	}
}
