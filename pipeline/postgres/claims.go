package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Phase is one claimable part of the work on an import.
type Phase string

// Phases of an import. Each is one row of table work.
const (
	PhasePlan   Phase = "plan"
	PhaseApply  Phase = "apply"
	PhaseReport Phase = "report"
	// PhaseDatasets writes what analysts read in the bucket.
	PhaseDatasets Phase = "datasets"
)

// Lease is how long a claim holds without being renewed, and Renewal how often
// its holder renews it. Both are measured on the database's clock.
const (
	Lease   = 60 * time.Second
	Renewal = 15 * time.Second
)

// maxDeaths is how often a phase may kill the process that runs it alone.
const maxDeaths = 3

// Claim is the right to work on one phase of an import, good until another
// claim raises the epoch. Every commit of the work checks it (Fence).
type Claim struct {
	Account  int32
	ImportID schemas.ImportID
	Phase    Phase
	Epoch    int64
	// Alone says that a process died or vanished over this import: run it with
	// nothing else in the process, so that the next death has a culprit.
	Alone bool
}

// ErrNotOwed is what claiming ends in when the phase is done or was never owed.
var ErrNotOwed = errors.New("nothing is owed")

//go:embed sql/claim.sql
var claimSQL string

//go:embed sql/renew.sql
var renewSQL string

//go:embed sql/release.sql
var releaseSQL string

//go:embed sql/fence.sql
var fenceSQL string

//go:embed sql/absolve.sql
var absolveSQL string

// Claim takes a phase that is owed, or whose holder's lease ran out, for worker
// and raises its epoch. It never waits.
//
// Errors: ErrNotOwed; kind busy when somebody holds it; kind permanent with code
// POISONED when it killed its process three times while alone: then the claim is
// returned too, so that the import can be failed with it.
func (db *DB) Claim(ctx context.Context, id schemas.ImportID, phase Phase, worker string, lease time.Duration) (Claim, error) {
	c := Claim{ImportID: id, Phase: phase}
	var deaths int
	err := db.Pool.QueryRow(ctx, claimSQL, id, phase, worker, lease).Scan(&c.Account, &c.Epoch, &c.Alone, &deaths)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Claim{}, db.whyNot(ctx, id, phase)
	case err != nil:
		return Claim{}, StripDetail(fmt.Errorf("claim %s of import %s: %w", phase, id, err))
	case deaths >= maxDeaths:
		return c, &pipeline.Error{Op: fmt.Sprintf("claim %s of import %s", phase, id), Kind: pipeline.KindPermanent, Code: "POISONED"}
	}
	return c, nil
}

func (db *DB) whyNot(ctx context.Context, id schemas.ImportID, phase Phase) error {
	var state string
	err := db.Pool.QueryRow(ctx, "select state from bateia.work where import_id = $1 and phase = $2", id, phase).Scan(&state)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && state == "done":
		return fmt.Errorf("claim %s of import %s: %w", phase, id, ErrNotOwed)
	case err != nil:
		return StripDetail(fmt.Errorf("claim %s of import %s: %w", phase, id, err))
	}
	return &pipeline.Error{Op: fmt.Sprintf("claim %s of import %s", phase, id), Kind: pipeline.KindBusy, Err: errors.New("another worker holds it")}
}

// Renew pushes the end of the lease to now plus lease, also when it ran out and
// nobody took over, and is content with a phase that was finished under this
// claim. Error of kind fenced: somebody took it away.
func (db *DB) Renew(ctx context.Context, c Claim, lease time.Duration) error {
	var held bool
	if err := db.Pool.QueryRow(ctx, renewSQL, c.ImportID, c.Phase, c.Epoch, lease).Scan(&held); err != nil {
		return StripDetail(fmt.Errorf("renew claim: %w", err))
	}
	if !held {
		return fenced(c, "renew claim")
	}
	return nil
}

// Release gives the claim back: the phase is owed again, and due for reconcile
// after delay. A claim that was lost is left to its new holder.
func (db *DB) Release(ctx context.Context, c Claim, delay time.Duration) error {
	if _, err := db.Pool.Exec(ctx, releaseSQL, c.ImportID, c.Phase, c.Epoch, delay); err != nil {
		return StripDetail(fmt.Errorf("release claim: %w", err))
	}
	return nil
}

// Absolve takes back the death that was counted when the claim c was taken over
// from a worker that lives: its lease ran out because the database was out of
// reach, and it found itself fenced afterwards.
func (db *DB) Absolve(ctx context.Context, c Claim) error {
	if _, err := db.Pool.Exec(ctx, absolveSQL, c.ImportID, c.Phase, c.Epoch); err != nil {
		return StripDetail(fmt.Errorf("absolve claim: %w", err))
	}
	return nil
}

// Fence checks within a transaction that the claim still holds, and keeps it so
// until the transaction ends. Error of kind fenced when it does not.
func Fence(ctx context.Context, tx pgx.Tx, c Claim) error {
	var held bool
	err := tx.QueryRow(ctx, fenceSQL, c.ImportID, c.Phase, c.Epoch).Scan(&held)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fenced(c, "check claim")
	case err != nil:
		return fmt.Errorf("check claim: %w", err)
	}
	return nil
}

func fenced(c Claim, op string) error {
	return &pipeline.Error{Op: fmt.Sprintf("%s on %s of import %s", op, c.Phase, c.ImportID), Kind: pipeline.KindFenced,
		Err: fmt.Errorf("epoch %d is over", c.Epoch)}
}
