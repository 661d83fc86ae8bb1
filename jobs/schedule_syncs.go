package jobs

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// ScheduleSyncsArgs are the arguments of schedule_syncs: connections that are due
// get their sync.
type ScheduleSyncsArgs struct{}

// Kind implements river.JobArgs.
func (ScheduleSyncsArgs) Kind() string { return "schedule_syncs" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (ScheduleSyncsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1}
}

type scheduleSyncsWorker struct {
	river.WorkerDefaults[ScheduleSyncsArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*scheduleSyncsWorker) Timeout(*river.Job[ScheduleSyncsArgs]) time.Duration {
	return upkeepTimeout
}

// Work implements river.Worker.
func (w *scheduleSyncsWorker) Work(ctx context.Context, job *river.Job[ScheduleSyncsArgs]) error {
	return w.s.upkeep(ctx, job.Kind, w.s.scheduleSyncs(ctx))
}

const (
	scheduleBatch = 100
	// openAgain is when a connection is looked at again whose last sync is not over.
	openAgain = 15 * time.Second
	// maxJitter bounds how late a sync starts, so that many connections do not start
	// at once.
	maxJitter = time.Minute
)

// scheduleSyncs starts what is due. What was missed while nobody worked is caught
// up once.
func (s *Service) scheduleSyncs(ctx context.Context) error {
	due, err := s.db.DueConnections(ctx, scheduleBatch)
	if err != nil {
		return err
	}
	var failed error
	for _, ref := range due {
		account, err := s.db.AccountByID(ctx, ref.Account)
		if err == nil {
			err = s.db.InAccount(ctx, ref.Account, func(tx pgx.Tx) error { return s.startDue(ctx, tx, account, ref.ID) })
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// startDue starts the sync of one connection if it is still due.
func (s *Service) startDue(ctx context.Context, tx pgx.Tx, account schemas.Account, id int32) error {
	c, err := postgres.LockConnection(ctx, tx, account.ID, id)
	if err != nil {
		return ignoreMissing(err)
	}
	now := time.Now()
	if c.Due.IsZero() || c.Due.After(now) {
		return nil // another worker was first
	}
	if c.State != schemas.ConnectionValid {
		c.Due, c.NextRun = time.Time{}, time.Time{}
		return postgres.ChangeConnection(ctx, tx, c)
	}
	c.Due = c.NextRun
	scheduled := !c.NextRun.IsZero() && !c.NextRun.After(now)
	if scheduled {
		if c.NextRun, err = NextRun(c.Settings.Every, now, account.Location()); err != nil {
			return err
		}
		c.Due = c.NextRun
	}
	_, err = s.SyncTx(ctx, tx, account, &c, SyncOptions{Signals: !scheduled, Full: scheduled && fullDue(c, now, account.Location())})
	var open *ErrSyncOpen
	if errors.As(err, &open) {
		// It is due again soon; what the schedule wanted is wanted still.
		if scheduled {
			c.NextRun = now
		}
		c.Due, err = now.Add(openAgain), nil
	}
	if err != nil {
		return err
	}
	return postgres.ChangeConnection(ctx, tx, c)
}

// NextRun is when a schedule comes round after now: an interval (15m), a number of
// days (7d) or a cron expression in the account's timezone. Intervals are late by
// up to a tenth, at most a minute.
func NextRun(every string, now time.Time, zone *time.Location) (time.Time, error) {
	schedule, err := schemas.ParseSchedule(every)
	if err != nil {
		return time.Time{}, err
	}
	if schedule.Interval > 0 {
		late := min(schedule.Interval/10, maxJitter)
		return now.Add(schedule.Interval + rand.N(late+1)).UTC(), nil
	}
	return schedule.Cron.Next(now.In(zone)).UTC(), nil
}

// fullDue reports whether everything is to be read again.
func fullDue(c schemas.Connection, now time.Time, zone *time.Location) bool {
	if c.LastFull.IsZero() {
		return true
	}
	schedule, err := schemas.ParseSchedule(cmp.Or(c.Settings.FullEvery, schemas.DefaultFullEvery))
	switch {
	case err != nil:
		return false
	case schedule.Interval > 0:
		return now.Sub(c.LastFull) >= schedule.Interval
	}
	return !schedule.Cron.Next(c.LastFull.In(zone)).After(now)
}
