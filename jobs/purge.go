package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// What purge keeps, and how often it runs.
const (
	purgeEvery = 6 * time.Hour
	purgeBatch = 200
	// keepExports is how long a file of prospects may come back with edits.
	keepExports = 90 * 24 * time.Hour
	// keepSignals is longer than Omie sends a message again.
	keepSignals = 30 * 24 * time.Hour
)

// PurgeArgs are the arguments of purge: folders of dead attempts, old plans and
// snapshots, and what accounts keep no longer.
type PurgeArgs struct{}

// Kind implements river.JobArgs.
func (PurgeArgs) Kind() string { return "purge" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (PurgeArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1}
}

type purgeWorker struct {
	river.WorkerDefaults[PurgeArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*purgeWorker) Timeout(*river.Job[PurgeArgs]) time.Duration { return upkeepTimeout }

// Work implements river.Worker.
func (w *purgeWorker) Work(ctx context.Context, job *river.Job[PurgeArgs]) error {
	return w.s.upkeep(ctx, job.Kind, errors.Join(PurgeScratch(w.s.cfg.ScratchDir, time.Now(), w.s.live.has), w.s.purgePlans(ctx, time.Now()), w.s.purgeHistory(ctx, time.Now())))
}

// purgePlans removes the files of plans, and pages of syncs, whose imports were over
// long ago, snapshots of last week, exports that can come back no more, and what webhooks
// said before that.
func (s *Service) purgePlans(ctx context.Context, now time.Time) error {
	accounts, err := s.db.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		before, _ := account.Kept(schemas.KeepPlans, now)
		for more := true; more; {
			plans, err := s.db.OldPlans(ctx, account.ID, now.Sub(before), purgeBatch)
			if err != nil {
				return err
			}
			more = len(plans) == purgeBatch
			for _, p := range plans {
				if err := s.removePlan(ctx, account.ID, p); err != nil {
					return err
				}
			}
		}
		if err := s.purgeSnapshots(ctx, account.ID); err != nil {
			return err
		}
		if err := s.purgeExports(ctx, account.ID); err != nil {
			return err
		}
		if err := s.db.ForgetSignals(ctx, account.ID, keepSignals); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) removePlan(ctx context.Context, account int32, p postgres.OldPlan) error {
	// Every attempt at a plan has its own folder below the import's.
	prefix := "plans/" + p.ImportID.String() + "/"
	if _, err := s.removeBelow(ctx, prefix); err != nil {
		return err
	}
	return s.db.ForgetPlan(ctx, account, p.ImportID)
}

func (s *Service) purgeExports(ctx context.Context, account int32) error {
	list, err := s.db.OldExports(ctx, account, keepExports)
	if err != nil {
		return err
	}
	for _, old := range list {
		_, err := s.db.InExport(ctx, account, old.ID, func() (forget bool, err error) {
			_, err = s.removeBelow(ctx, schemas.ExportKey(old.ID))
			return true, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeBelow removes the objects under a prefix, with all that the bucket keeps of
// them, and returns how many.
func (s *Service) removeBelow(ctx context.Context, prefix string) (int64, error) {
	n, err := s.cfg.Store.EraseBelow(ctx, prefix, nil)
	if err != nil {
		return n, storeError(err)
	}
	return n, nil
}

// liveDirs are the folders of attempts that run in this process.
type liveDirs struct {
	mu   sync.Mutex
	dirs map[string]bool
}

func (l *liveDirs) add(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dirs == nil {
		l.dirs = map[string]bool{}
	}
	l.dirs[dir] = true
}

func (l *liveDirs) remove(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.dirs, dir)
}

func (l *liveDirs) has(dir string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dirs[dir]
}
