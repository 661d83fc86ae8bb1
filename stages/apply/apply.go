package apply

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/prepare.sql
	prepareSQL string
	//go:embed sql/moved.sql
	movedSQL string
	//go:embed sql/moved_along.sql
	movedAlongSQL string
	//go:embed sql/conflicts.sql
	conflictsSQL string
	//go:embed sql/prior.sql
	priorSQL string
	//go:embed sql/merge.sql
	mergeSQL string
)

// Stage writes the plan.
type Stage struct {
	// InAccount runs fn in a transaction that sees one account, and runs it again
	// from the start after a deadlock or a serialization failure.
	InAccount func(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error
	// TakeBack undoes the import that the run takes the place of, if there is one,
	// inside the transaction.
	TakeBack func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Resolve makes the plan again inside the transaction.
	Resolve func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Fewer computes what depends on all rows of the plan after conflicts were taken
	// out of it: names, ledger and counts.
	Fewer func(ctx context.Context, run *pipeline.Run) error
	// Carry puts what people decided about rows of the import that the run takes the
	// place of onto those of the run, after these were written.
	Carry func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Fence is the first thing in the transaction after the lock: it returns an
	// error of kind fenced when the claim on the work is lost.
	Fence func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Finish is the last thing: state, ledger, events, follow-up jobs, and the
	// completion of the job that runs this.
	Finish func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageApply }

// Run implements pipeline.Stage. It returns an error of kind busy when another
// import of the account is being applied.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) error {
	return s.InAccount(ctx, run.Account.ID, func(tx pgx.Tx) error { return s.apply(ctx, tx, run) })
}

func (s Stage) apply(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if err := pipeline.LockAccount(ctx, tx, run.Account.ID); err != nil {
		return err
	}
	if err := s.Fence(ctx, tx, run); err != nil {
		return err
	}
	if err := s.settle(ctx, tx, run); err != nil {
		return err
	}
	if err := run.Facts.Ledger.Check(); err != nil {
		return err
	}
	changed, err := write(ctx, tx, run)
	if err != nil {
		return err
	}
	if err := s.Carry(ctx, tx, run); err != nil {
		return err
	}
	if changed {
		_, err := tx.Exec(ctx, "update accounts set base_version = base_version + 1 where account_id = $1", run.Account.ID)
		if err != nil {
			return pipeline.DatabaseError("raise base version", err)
		}
	}
	if rank := run.Account.Settings.Rank(run.Source.Kind); rank != 1 {
		_, err := tx.Exec(ctx, "update imports set rank = $3 where account_id = $1 and import_id = $2", run.Account.ID, int64(run.ImportID), rank)
		if err != nil {
			return pipeline.DatabaseError("write rank", err)
		}
	}
	return s.Finish(ctx, tx, run)
}

// settle makes the plan again when the base moved since. What a person confirmed
// is never replaced silently: rows whose outcome, target or values differ from
// what was shown become conflicts.
func (s Stage) settle(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	var version int64
	if err := tx.QueryRow(ctx, "select base_version from accounts where account_id = $1", run.Account.ID).Scan(&version); err != nil {
		return pipeline.DatabaseError("read base version", err)
	}
	if err := s.TakeBack(ctx, tx, run); err != nil {
		return err
	}
	if version == run.BaseVersion {
		return nil
	}
	run.Log.InfoContext(ctx, "base moved, resolving again", "import_id", run.ImportID.String(), "planned", run.BaseVersion, "found", version)
	if err := run.Workset.Exec(ctx, priorSQL); err != nil {
		return err
	}
	if err := s.Resolve(ctx, tx, run); err != nil {
		return err
	}
	if !run.Request.Confirmed {
		return nil
	}
	if err := run.Workset.Exec(ctx, movedSQL); err != nil {
		return err
	}
	for before, now := int64(-1), int64(0); before != now; {
		before = now
		if err := run.Workset.Exec(ctx, movedAlongSQL); err != nil {
			return err
		}
		if _, err := run.Workset.Scan(ctx, "select count(*) from moved", nil, &now); err != nil {
			return err
		}
	}
	if err := run.Workset.Exec(ctx, conflictsSQL); err != nil {
		return err
	}
	return s.Fewer(ctx, run)
}
