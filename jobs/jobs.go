package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/semaphore"

	"github.com/bateia/bateia/pipeline/postgres"
)

// Queues. Scans and reconcile never wait behind imports, nor reports behind
// either.
const (
	queueImports = "imports"
	queueReports = "reports"
	queueUpkeep  = "upkeep"
	queueSyncs   = "syncs" // which wait for minutes on the limits of others
	// One at a time, so that what nobody waits for takes little from the rest.
	queueDatasets = "datasets"
)

// maxSyncs is how many syncs one process works on: most of the time they wait.
const maxSyncs = 8

// Limits of River's handling of jobs.
const (
	jobTimeout    = 30 * time.Minute
	upkeepTimeout = 10 * time.Minute
	// rescueAfter is longer than any job may run. Nothing waits for it: leases
	// run out after a minute, and reconcile inserts another job.
	rescueAfter = time.Hour
	// keepDone is how long done jobs stay in River's table: those of scans and
	// reconcile come every few seconds.
	keepDone = time.Hour
	// keepFailed is how long failed ones stay: during an outage of the bucket every
	// scan is one.
	keepFailed = 24 * time.Hour
)

// seats is how many jobs may sit in one process at once; a job that must run
// alone takes all of them.
const seats = 1000

// Service works on imports: it is one River client and everything its jobs
// share. Any number of them, in any number of processes and on any number of
// machines, share the work.
type Service struct {
	Inserter
	cfg        Config
	db         *postgres.DB
	id         worker
	seats      *semaphore.Weighted
	publishing *semaphore.Weighted // publishers
	live       liveDirs
}

// New makes a service that does nothing yet.
func New(cfg Config) (*Service, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Service{cfg: cfg, db: cfg.DB, id: thisWorker(), seats: semaphore.NewWeighted(seats), publishing: semaphore.NewWeighted(publishers)}
	client, err := river.NewClient(riverpgxv5.New(cfg.DB.Pool), s.riverConfig())
	if err != nil {
		return nil, fmt.Errorf("configure jobs: %w", err)
	}
	s.client = client
	return s, nil
}

func (s *Service) riverConfig() *river.Config {
	workers := river.NewWorkers()
	// Every process that can lead must know every kind.
	river.AddWorker(workers, &planImportWorker{s: s})
	river.AddWorker(workers, &applyImportWorker{s: s})
	river.AddWorker(workers, &reportImportWorker{s: s})
	river.AddWorker(workers, &writeDatasetsWorker{s: s})
	river.AddWorker(workers, &takeSnapshotsWorker{s: s})
	river.AddWorker(workers, &scanUploadsWorker{s: s})
	river.AddWorker(workers, &syncOmieWorker{s: s})
	river.AddWorker(workers, &scheduleSyncsWorker{s: s})
	river.AddWorker(workers, &watchConnectionsWorker{s: s})
	river.AddWorker(workers, &reconcileWorker{s: s})
	river.AddWorker(workers, &purgeWorker{s: s})
	river.AddWorker(workers, &erasePersonWorker{s: s})
	queue := func(n int) river.QueueConfig { return river.QueueConfig{MaxWorkers: n} }
	return &river.Config{
		ID:     s.id.String(),
		Schema: postgres.RiverSchema,
		Logger: slog.New(quiet{s.cfg.Log.Handler()}),
		Queues: map[string]river.QueueConfig{
			queueImports: queue(s.cfg.Workers), queueReports: queue(s.cfg.Workers), queueUpkeep: queue(4), queueSyncs: queue(maxSyncs), queueDatasets: queue(1),
		},
		Workers:                     workers,
		PeriodicJobs:                s.periodicJobs(),
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: keepDone,
		DiscardedJobRetentionPeriod: keepFailed,
		FetchPollInterval:           s.cfg.pollEvery,
		RetryPolicy:                 retryPolicy{},
		SoftStopTimeout:             s.cfg.SoftStop,
		// The worker owns no index, and may rebuild none.
		ReindexerSchedule: river.NeverSchedule(),
	}
}

func (s *Service) periodicJobs() []*river.PeriodicJob {
	every := func(d time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d),
			func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true})
	}
	return []*river.PeriodicJob{
		every(s.cfg.ScanEvery, ScanUploadsArgs{}),
		every(s.cfg.ReconcileEvery, ReconcileArgs{}),
		every(s.cfg.ScheduleEvery, ScheduleSyncsArgs{}),
		every(s.cfg.WatchEvery, WatchConnectionsArgs{}),
		every(snapshotsEvery, TakeSnapshotsArgs{}),
		every(purgeEvery, PurgeArgs{}),
	}
}

// Start begins to work. What dead processes of this machine left behind is taken
// up at once: the first jobs do not wait for a leader to be elected, which takes
// up to 15 s after a crash. ctx bounds the start only.
func (s *Service) Start(ctx context.Context) error {
	if err := os.MkdirAll(s.cfg.ScratchDir, 0o700); err != nil {
		return fmt.Errorf("make scratch folder: %w", err)
	}
	if err := s.reconcile(ctx); err != nil {
		return err
	}
	if err := s.client.Start(context.WithoutCancel(ctx)); err != nil {
		return postgres.StripDetail(fmt.Errorf("start jobs: %w", err))
	}
	if _, err := s.client.Insert(ctx, ScanUploadsArgs{}, nil); err != nil {
		return errors.Join(postgres.StripDetail(fmt.Errorf("insert first scan: %w", err)), s.Stop(context.WithoutCancel(ctx)))
	}
	return nil
}

// Stop takes no more jobs and waits for those that run: for SoftStop until they
// end, then until they gave their claims back. When ctx ends first they are
// canceled at once, and it still waits up to ten seconds.
func (s *Service) Stop(ctx context.Context) error {
	err := s.client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// quiet drops what River says below warning (counts of jobs every few seconds, and
// failures of attempts, which attempt.settle logs with their import) and the errors
// of its services that are nothing but its own stop.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	stopped := false
	r.Attrs(func(a slog.Attr) bool {
		stopped = stopped || a.Value.String() == context.Canceled.Error()
		return !stopped
	})
	if stopped {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }

// upkeep logs why a job of nobody's import failed. It is not tried again: the next
// one comes by itself.
func (s *Service) upkeep(ctx context.Context, kind string, err error) error {
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "upkeep failed", "kind", kind, "error", err)
	}
	return err
}

// retryPolicy tells River when to try again what Outcome wants tried again.
type retryPolicy struct{}

func (retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(retryDelay(job.Attempt))
}

// completer returns what completes the job within a transaction of its own work.
// River completes without an error whatever row it finds, so the state is looked
// at: a job that was rescued meanwhile is another worker's.
func completer[T river.JobArgs](job *river.Job[T]) func(ctx context.Context, tx pgx.Tx) error {
	return func(ctx context.Context, tx pgx.Tx) error {
		done, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		switch {
		case errors.Is(err, rivertype.ErrNotFound):
			return lostJob(job.ID)
		case err != nil:
			return fmt.Errorf("complete job: %w", err)
		case done.State != rivertype.JobStateCompleted:
			return lostJob(job.ID)
		}
		return nil
	}
}
