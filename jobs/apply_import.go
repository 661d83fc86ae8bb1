package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// ApplyImportArgs are the arguments of apply_import: a stored plan into Postgres.
type ApplyImportArgs struct{ importRef }

// Kind implements river.JobArgs.
func (ApplyImportArgs) Kind() string { return "apply_import" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ApplyImportArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueImports, MaxAttempts: maxAttempts}
}

type applyImportWorker struct {
	river.WorkerDefaults[ApplyImportArgs]
	s *Service
}

// Work implements river.Worker.
func (w *applyImportWorker) Work(ctx context.Context, job *river.Job[ApplyImportArgs]) error {
	return work(ctx, w.s, job, job.Args.importRef, postgres.PhaseApply, w.s.apply)
}

// apply writes a stored plan. Without one (a worker died before it was stored)
// the import is planned again.
func (s *Service) apply(ctx context.Context, a *attempt) error {
	if a.row.PlanPrefix == "" || a.run.Request.Decision != nil {
		return &pipeline.Error{Op: "load plan", Kind: pipeline.KindStale, Err: errors.New("none is stored")}
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	if err := s.cfg.LoadPlan(ctx, a.run, a.row.PlanPrefix, a.row.PlanSHA256); err != nil {
		return err
	}
	// Somebody said that it may differ from what came before.
	a.run.Facts.Issues = slices.DeleteFunc(a.run.Facts.Issues, func(f schemas.FileIssue) bool { return f.Code == codeDrift })
	if err := a.in(ctx, func(tx pgx.Tx) error { return postgres.StartApply(ctx, tx, a.claim) }); err != nil {
		return err
	}
	if err := s.runApply(ctx, a, s.cfg.BusyWait); err != nil {
		return err
	}
	a.share()
	s.goOnToDatasets(ctx, a)
	return nil
}

// runApply runs the apply stages and tries again for a while when the account is
// busy; then it returns the error of kind busy. When it returns nil everything is
// committed, the completion of the job too.
func (s *Service) runApply(ctx context.Context, a *attempt, wait time.Duration) error {
	runner := s.runner(a)
	// The end of apply is recorded by its own transaction: after the commit
	// nothing may fail any more.
	runner.Finished = nil
	stages := s.cfg.ApplyStages(a.hooks())
	if d := a.run.Request.Decision; d != nil {
		stages = s.cfg.DecideStages(a.hooks(), *d)
	}
	deadline := time.Now().Add(wait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := runner.Run(ctx, a.run, stages)
		if err == nil {
			a.goOn()
			s.analyze(ctx, a)
			return nil
		}
		if pipeline.KindOf(err) != pipeline.KindBusy || time.Now().Add(pause).After(deadline) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// goOn takes up the claim that the transaction of apply took, so that it is the one
// that is renewed from now on.
func (a *attempt) goOn() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next != nil {
		a.claim = *a.next
	}
}

// analyzeAbove is how many new prospects move the statistics of the big tables so
// far that waiting for autovacuum would cost the next import.
const analyzeAbove = 50_000

// analyze refreshes the statistics after a large import. It is not needed to be
// right, so a failure is told and no more.
func (s *Service) analyze(ctx context.Context, a *attempt) {
	if a.run.Facts.Counts.Created < analyzeAbove {
		return
	}
	if _, err := s.db.Pool.Exec(ctx, "select bateia.analyze_state()"); err != nil {
		a.log.WarnContext(ctx, "analyze after apply", "error", postgres.StripDetail(err))
	}
}

// hooks are what the job adds to the transaction of apply.
func (a *attempt) hooks() Hooks {
	return Hooks{
		Fence: func(ctx context.Context, tx pgx.Tx, _ *pipeline.Run) error {
			return postgres.Fence(ctx, tx, a.claim)
		},
		Finish: func(ctx context.Context, tx pgx.Tx, _ *pipeline.Run) error {
			if err := postgres.FinishApply(ctx, tx, a.claim, a.learnt()); err != nil {
				return err
			}
			switch {
			case a.run.ReplayOf != 0:
				if err := postgres.ResolveRefused(ctx, tx, a.run); err != nil {
					return err
				}
			case a.run.Request.Sync != nil:
				if err := a.finishSync(ctx, tx); err != nil {
					return err
				}
			case a.run.UndoOf != 0:
				if err := a.unfinishSync(ctx, tx); err != nil {
					return err
				}
			}
			others, err := a.disturbed(ctx, tx)
			if err != nil {
				return err
			}
			owed := append(afterwards(a.claim), others...)
			// Of rows that decisions moved the workset knows nothing.
			moved := a.run.Facts.Effect != nil && a.run.Facts.Effect.Carried > 0
			if a.run.Workset != nil && !moved {
				next, err := postgres.BeginDatasets(ctx, tx, a.claim, a.s.id.String(), postgres.Lease)
				if err != nil {
					return err
				}
				a.next = &next
				owed = slices.DeleteFunc(owed, func(o postgres.Owed) bool { return o.ImportID == next.ImportID && o.Phase == next.Phase })
			}
			if err := a.s.EnqueueTx(ctx, tx, owed...); err != nil {
				return err
			}
			return a.complete(ctx, tx)
		},
	}
}
