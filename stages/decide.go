package stages

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/history"
)

// Decide is the way of what people decided into Postgres: one transaction, no
// rows and no plan. A kind that is not known has no stages.
func Decide(d Deps, h Hooks, what schemas.Decision) []pipeline.Stage {
	hooks := history.Hooks{InAccount: d.InAccount, Fence: h.Fence, Finish: h.Finish}
	switch what.Kind {
	case schemas.DecideUndo:
		return []pipeline.Stage{history.Undo{Hooks: hooks}}
	case schemas.DecideMerge:
		return []pipeline.Stage{history.Merge{Hooks: hooks, Survivor: what.Prospect, Others: what.Others}}
	case schemas.DecideSplit:
		return []pipeline.Stage{history.Split{Hooks: hooks, Prospect: what.Prospect, Leads: what.Leads}}
	case schemas.DecideUnmerge:
		return []pipeline.Stage{history.Unmerge{Hooks: hooks, Alias: what.Prospect}}
	}
	return nil
}

// errSeen ends the transaction in which a plan saw the base without the import
// that it is to take the place of.
var errSeen = errors.New("seen")

// without returns a transaction runner for the planning of an import that takes
// the place of another one: what the other wrote is taken back before fn reads,
// and the transaction is rolled back after. The same is done again, for good, in
// the transaction that applies the import.
func without(d Deps, run *pipeline.Run) func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
	return func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
		err := d.InAccount(ctx, account, func(tx pgx.Tx) error {
			if err := pipeline.LockAccount(ctx, tx, account); err != nil {
				return err
			}
			// Taking it back raises the version; the plan holds as long as the base is
			// what it was before.
			var version int64
			if err := tx.QueryRow(ctx, "select base_version from accounts where account_id = $1", account).Scan(&version); err != nil {
				return pipeline.DatabaseError("read base version", err)
			}
			if err := takeBack(ctx, tx, run); err != nil {
				return err
			}
			if err := fn(tx); err != nil {
				return err
			}
			run.BaseVersion = version
			return errSeen
		})
		if errors.Is(err, errSeen) {
			return nil
		}
		return err
	}
}

// takeBack undoes the import that run takes the place of; one that wrote nothing
// or was taken back already is left alone.
func takeBack(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if run.RedoOf == 0 {
		return nil
	}
	run.Facts.Effect = nil
	var state schemas.State
	err := tx.QueryRow(ctx, "select state from imports where account_id = $1 and import_id = $2", run.Account.ID, int64(run.RedoOf)).Scan(&state)
	if err != nil {
		return pipeline.DatabaseError("read the import to redo", err)
	}
	if state != schemas.Applied {
		return nil
	}
	effect, err := history.UndoIn(ctx, tx, run, run.RedoOf)
	run.Facts.Effect = &effect
	return err
}

// carry puts what people decided about the rows of the import that run takes the place
// of onto its own.
func carry(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if run.RedoOf == 0 {
		return nil
	}
	done, decisions, err := history.Carry(ctx, tx, run, run.RedoOf)
	if err != nil || decisions == 0 {
		return err
	}
	if run.Facts.Effect == nil {
		run.Facts.Effect = &schemas.Effect{}
	}
	run.Facts.Effect.Carried = decisions
	run.Facts.Effect.Merged += done.Merged
	run.Facts.Effect.Imports = append(run.Facts.Effect.Imports, done.Imports...)
	return nil
}
