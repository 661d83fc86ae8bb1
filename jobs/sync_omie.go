package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// SyncOmieArgs are the arguments of sync_omie: from what a connection has to its
// plan, and on to apply. It is plan_import in a queue of its own, because it waits
// for minutes on somebody else's limits.
type SyncOmieArgs struct{ importRef }

// Kind implements river.JobArgs.
func (SyncOmieArgs) Kind() string { return "sync_omie" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SyncOmieArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueSyncs, MaxAttempts: maxAttempts}
}

type syncOmieWorker struct {
	river.WorkerDefaults[SyncOmieArgs]
	s *Service
}

// Work implements river.Worker.
func (w *syncOmieWorker) Work(ctx context.Context, job *river.Job[SyncOmieArgs]) error {
	return work(ctx, w.s, job, job.Args.importRef, postgres.PhasePlan, w.s.plan)
}

const (
	// overlap is how far before the watermark a sync begins to read: for clocks that
	// differ, and changes that are written late.
	overlap = 5 * time.Minute
	// nudgeAfter is how many syncs in a row may find nothing before one makes a call
	// that succeeds: an answer without records counts as an error at Omie, which
	// blocks after ten.
	nudgeAfter = 4
	// adoptFor is how long after it began to read its list a sync is gone on with.
	adoptFor = 6 * time.Hour
)

// SyncOptions say what is asked of one sync.
type SyncOptions struct {
	Full     bool // everything, not only what changed
	PlanOnly bool // stop at ready
	// Signals reads only the records that webhooks named.
	Signals bool
	By      string // who asked, "" for the schedule
}

// ErrSyncOpen is the error of a sync of a connection whose last one is not over.
type ErrSyncOpen struct {
	ImportID schemas.ImportID
	State    schemas.State
}

func (e *ErrSyncOpen) Error() string {
	return fmt.Sprintf("import %s of this connection is not over: it is %s", e.ImportID, e.State)
}

// SyncTx registers a sync of a connection that was locked (postgres.LockConnection)
// and inserts its job. c is written, with its new Import. *ErrSyncOpen when the last
// one is not over; 0 when only signals were to be read and there are none.
func (i *Inserter) SyncTx(ctx context.Context, tx pgx.Tx, account schemas.Account, c *schemas.Connection, o SyncOptions) (schemas.ImportID, error) {
	last, err := postgres.LastSync(ctx, tx, *c)
	if err != nil {
		return 0, err
	}
	if last.ID != 0 && !last.State.Terminal() && last.State != schemas.Applied {
		return 0, &ErrSyncOpen{last.ID, last.State}
	}
	if err := postgres.ReturnSignals(ctx, tx, *c); err != nil {
		return 0, err
	}
	id, err := postgres.DrawImportID(ctx, tx)
	if err != nil {
		return 0, err
	}
	request := &schemas.SyncRequest{ConnectionID: c.ID, Tags: c.Settings.Tags, IncludeInactive: c.Settings.IncludeInactive}
	switch {
	case o.Signals:
		if request.IDs, err = postgres.TakeSignals(ctx, tx, *c, id, maxSignals); err != nil || len(request.IDs) == 0 {
			return 0, err
		}
	case o.Full || c.Watermark.IsZero():
		request.Full = true
	default:
		// Shifted by some seconds each time, so that the call is not one of the last minute.
		request.Since = c.Watermark.Add(-overlap - time.Duration(c.Runs%60)*time.Second)
	}
	request.HoldFirst = c.Settings.HoldFirst && c.LastSuccess.IsZero()
	request.Nudge = c.EmptyRuns >= nudgeAfter && len(request.IDs) == 0
	if err := adopt(ctx, tx, account.ID, last, id, request); err != nil {
		return 0, err
	}
	r := postgres.Registration{
		ID: id, Source: schemas.Source{Kind: "omie", System: "omie", Name: c.Name}, List: c.Settings.List, RequestedBy: o.By,
		Request: schemas.Request{Sync: request, Unattended: o.By == "", Mapping: schemas.Mapping{List: c.Settings.List, Options: schemas.Options{PlanOnly: o.PlanOnly}}},
	}
	done, err := i.RegisterTx(ctx, tx, account.ID, r)
	if err != nil {
		return 0, err
	}
	c.Import, c.Runs = done[0].ID, c.Runs+1
	return c.Import, postgres.ChangeConnection(ctx, tx, *c)
}

// adopt goes on with the last sync when that failed because its key pair was
// refused: what it read is not read again. Of any other failure what was read may be
// the reason.
func adopt(ctx context.Context, tx pgx.Tx, account int32, last postgres.Sync, id schemas.ImportID, r *schemas.SyncRequest) error {
	if last.State != schemas.Failed || last.Code != "OMIE_AUTH" || last.Request.Full != r.Full || len(r.IDs) > 0 || len(last.Request.IDs) > 0 {
		return nil
	}
	taken, err := postgres.AdoptCursor(ctx, tx, account, last.ID, id, adoptFor)
	if err == nil && taken {
		r.Since = last.Request.Since // the list that was begun
	}
	return err
}

// maxSignals is how many records one sync of signals reads.
const maxSignals = 1000

// finishSync notes what a sync did, in the transaction that applies it: records
// that are known now or gone, and how far the connection is.
func (a *attempt) finishSync(ctx context.Context, tx pgx.Tx) error {
	request, facts := a.run.Request.Sync, a.run.Facts.Sync
	if facts == nil {
		return &pipeline.Error{Op: "finish sync", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: errors.New("nothing was read")}
	}
	c, err := postgres.LockConnection(ctx, tx, a.run.Account.ID, request.ConnectionID)
	if errors.Is(err, postgres.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	seen, err := a.s.cfg.SeenRecords(ctx, a.run)
	if err != nil {
		return err
	}
	now := time.Now()
	if err := postgres.SeeRecords(ctx, tx, c, a.run.ImportID, now, seen); err != nil {
		return err
	}
	if err := postgres.LoseRecords(ctx, tx, c, a.run.ImportID, now, facts.Gone); err != nil {
		return err
	}
	if facts.Watermark.After(c.Watermark) {
		c.Watermark = facts.Watermark
	}
	c.LastSuccess = now
	if request.Full && facts.Verified {
		c.LastFull = now
	}
	switch {
	case len(request.IDs) > 0: // says nothing of what a filter finds
	case facts.Empty && !request.Nudge:
		c.EmptyRuns++
	default:
		c.EmptyRuns = 0
	}
	if c.Sellers == nil {
		c.Sellers = map[int64]string{}
	}
	maps.Copy(c.Sellers, facts.Sellers)
	waiting, err := postgres.SignalsWait(ctx, tx, c)
	if err != nil {
		return err
	}
	if waiting && c.State == schemas.ConnectionValid {
		c.Due = now
	}
	return postgres.ChangeConnection(ctx, tx, c)
}

// unfinishSync takes back what a sync noted, when it is undone: what it read must
// be read again.
func (a *attempt) unfinishSync(ctx context.Context, tx pgx.Tx) error {
	undone, err := postgres.SyncOf(ctx, tx, a.run.Account.ID, a.run.UndoOf)
	if err != nil || undone.Request == nil {
		return err
	}
	c, err := postgres.LockConnection(ctx, tx, a.run.Account.ID, undone.Request.ConnectionID)
	if errors.Is(err, postgres.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := postgres.ForgetSync(ctx, tx, c, undone.ID); err != nil {
		return err
	}
	switch since := undone.Request.Since; {
	case undone.Request.Full, len(undone.Request.IDs) > 0:
		c.Watermark, c.LastFull = time.Time{}, time.Time{}
	case since.Before(c.Watermark):
		c.Watermark = since
	}
	return postgres.ChangeConnection(ctx, tx, c)
}

// failSync makes a connection invalid whose key pair was refused: nothing is
// scheduled until somebody connects again.
func (a *attempt) failSync(ctx context.Context, tx pgx.Tx, code string) error {
	if a.run == nil || a.run.Request.Sync == nil || code != "OMIE_AUTH" {
		return nil
	}
	c, err := postgres.LockConnection(ctx, tx, a.run.Account.ID, a.run.Request.Sync.ConnectionID)
	if err != nil || c.Import != a.run.ImportID {
		return ignoreMissing(err)
	}
	c.State, c.Code, c.Due, c.NextRun = schemas.ConnectionInvalid, code, time.Time{}, time.Time{}
	return postgres.ChangeConnection(ctx, tx, c)
}

func ignoreMissing(err error) error {
	if errors.Is(err, postgres.ErrNotFound) {
		return nil
	}
	return err
}
