package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// Troubles of a connection, as people are told of them.
const (
	TroubleInvalid = "invalid" // its key pair was refused
	TroubleBlocked = "blocked" // Omie takes no calls of it for a while
	TroubleLate    = "late"    // it had no success for three intervals
)

// lateAfter is how many intervals may pass without a success.
const lateAfter = 3

// WatchConnectionsArgs are the arguments of watch_connections: people are told
// when a connection comes into trouble, and when that is over.
type WatchConnectionsArgs struct{}

// Kind implements river.JobArgs.
func (WatchConnectionsArgs) Kind() string { return "watch_connections" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (WatchConnectionsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1}
}

type watchConnectionsWorker struct {
	river.WorkerDefaults[WatchConnectionsArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*watchConnectionsWorker) Timeout(*river.Job[WatchConnectionsArgs]) time.Duration {
	return upkeepTimeout
}

// Work implements river.Worker.
func (w *watchConnectionsWorker) Work(ctx context.Context, job *river.Job[WatchConnectionsArgs]) error {
	return w.s.upkeep(ctx, job.Kind, w.s.watchConnections(ctx))
}

func (s *Service) watchConnections(ctx context.Context) error {
	accounts, err := s.db.Accounts(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, account := range accounts {
		list, err := s.db.Connections(ctx, account.ID)
		failed = errors.Join(failed, err)
		for _, c := range list {
			failed = errors.Join(failed, s.watch(ctx, account, c))
		}
	}
	return failed
}

// watch tells of a connection whose trouble is another one than was told last. What
// could not be told is told the next time.
func (s *Service) watch(ctx context.Context, account schemas.Account, c schemas.Connection) error {
	var blocked time.Time
	if s.cfg.BlockedUntil != nil {
		var err error
		if blocked, err = s.cfg.BlockedUntil(ctx, c); err != nil {
			return err
		}
	}
	now := time.Now()
	trouble := TroubleOf(c, blocked, now, account.Location())
	if trouble == c.Told {
		return nil
	}
	if s.cfg.TellTrouble != nil {
		if err := s.cfg.TellTrouble(ctx, account, c, trouble, now); err != nil {
			return err
		}
	}
	return s.db.InAccount(ctx, account.ID, func(tx pgx.Tx) error {
		locked, err := postgres.LockConnection(ctx, tx, account.ID, c.ID)
		if err != nil {
			return ignoreMissing(err)
		}
		locked.Told = trouble
		return postgres.ChangeConnection(ctx, tx, locked)
	})
}

// TroubleOf says what is wrong with a connection that is blocked until then, ""
// when nothing is. Cron expressions are in the account's zone.
func TroubleOf(c schemas.Connection, blocked, now time.Time, zone *time.Location) string {
	switch {
	case c.State == schemas.ConnectionInvalid:
		return TroubleInvalid
	case c.State != schemas.ConnectionValid:
		return ""
	case blocked.Sub(now) > time.Minute: // shorter waits are part of the work
		return TroubleBlocked
	}
	since := c.LastSuccess
	if since.IsZero() {
		since = c.CreatedAt
	}
	schedule, err := schemas.ParseSchedule(c.Settings.Every)
	if err != nil || c.NextRun.IsZero() {
		return ""
	}
	late := lateAfter * schedule.Interval
	if schedule.Interval == 0 {
		at := since.In(zone)
		for range lateAfter {
			at = schedule.Cron.Next(at)
		}
		late = at.Sub(since)
	}
	if now.Sub(since) > late {
		return TroubleLate
	}
	return ""
}
