package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline/postgres"
)

// Reconcile's pace: so many phases in one transaction, each again after so long.
const (
	reconcileBatch = 500
	reconcileAgain = 30 * time.Second
)

// ReconcileArgs are the arguments of reconcile: jobs for what is owed and has
// none, whatever became of the ones it had.
type ReconcileArgs struct{}

// Kind implements river.JobArgs.
func (ReconcileArgs) Kind() string { return "reconcile" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (ReconcileArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1}
}

type reconcileWorker struct {
	river.WorkerDefaults[ReconcileArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*reconcileWorker) Timeout(*river.Job[ReconcileArgs]) time.Duration { return upkeepTimeout }

// Work implements river.Worker.
func (w *reconcileWorker) Work(ctx context.Context, job *river.Job[ReconcileArgs]) error {
	return w.s.upkeep(ctx, job.Kind, w.s.reconcile(ctx))
}

// reconcile takes back the claims of dead processes of this machine, then inserts
// the jobs of everything that is due. Doubled jobs are harmless.
func (s *Service) reconcile(ctx context.Context) error {
	if err := s.releaseDead(ctx); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx pgx.Tx) error {
		owed, err := postgres.DueErasures(ctx, tx, reconcileBatch, reconcileAgain)
		if err != nil {
			return err
		}
		return s.ErasePersonTx(ctx, tx, owed...)
	})
	if err != nil {
		return err
	}
	for {
		var n int
		err := s.db.InTx(ctx, func(tx pgx.Tx) error {
			owed, err := postgres.TakeOwed(ctx, tx, reconcileBatch, reconcileAgain)
			if err != nil {
				return err
			}
			n = len(owed)
			return s.EnqueueTx(ctx, tx, owed...)
		})
		if err != nil || n < reconcileBatch {
			return err
		}
	}
}

func (s *Service) releaseDead(ctx context.Context) error {
	names, err := s.db.RunningWorkers(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		other, ok := parseWorker(name)
		if !ok || !s.id.knowsDead(other) {
			continue
		}
		n, err := s.db.ReleaseWorker(ctx, name)
		if err != nil {
			return err
		}
		s.cfg.Log.InfoContext(ctx, "took back the claims of a dead process", "worker", name, "claims", n)
	}
	return nil
}
