package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/sealed"
	"github.com/bateia/bateia/schemas"
)

// ErasePersonArgs are the arguments of erase_person: a person out of the database,
// then out of every object. Who it is stands sealed in the erasure.
type ErasePersonArgs struct {
	AccountID int32 `json:"account_id"`
	ErasureID int64 `json:"erasure_id"`
}

// Kind implements river.JobArgs.
func (ErasePersonArgs) Kind() string { return "erase_person" }

// InsertOpts implements river.JobArgsWithInsertOpts. What is not done stays owed:
// reconcile inserts another job.
func (ErasePersonArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 5}
}

type erasePersonWorker struct {
	river.WorkerDefaults[ErasePersonArgs]
	s *Service
}

// Timeout implements river.Worker. An erasure that takes longer goes on where it
// was: every import that was looked through stays so.
func (*erasePersonWorker) Timeout(*river.Job[ErasePersonArgs]) time.Duration { return jobTimeout }

// People is what erasures need of the stages.
type People struct {
	// Keys opens what is sealed, and makes the hashes that keep people away.
	Keys func() (*sealed.Ring, error)
	// Erase removes a person from the database, in a transaction that holds the
	// account's lock. It returns all that the person is known by, where the rows lie,
	// the imports that spoke of it, and counts.
	Erase func(ctx context.Context, tx pgx.Tx, account int32, erasure int64, f pipeline.Fingerprint, p schemas.Person) (
		known schemas.Person, rows []pipeline.RowPlace, imports []schemas.ImportID, count schemas.Erased, err error)
	// Find looks for a person in a local file, and Redact overwrites parts of it.
	Find   func(ctx context.Context, f pipeline.SearchFile, p schemas.Person) (pipeline.Search, error)
	Redact func(path string, d schemas.Dialect, stretches []pipeline.Stretch) error
	// Says returns what reports whether a text speaks of a person; one goroutine
	// calls it.
	Says func(p schemas.Person) func(text string) bool
	// LeaveExport takes prospects out of what an export gave out, and reports whether
	// they were in it. unmade says that there is nothing yet: whoever makes it is to find
	// out that it is not wanted any more. dir is a folder to work in.
	LeaveExport func(ctx context.Context, dir string, export schemas.ImportID, prospects []string) (had, unmade bool, err error)
}

// ErasePersonTx inserts the job of an erasure.
func (i *Inserter) ErasePersonTx(ctx context.Context, tx pgx.Tx, owed ...postgres.OwedErasure) error {
	for _, o := range owed {
		if _, err := i.client.InsertTx(ctx, tx, ErasePersonArgs{o.Account, o.ID}, nil); err != nil {
			return fmt.Errorf("insert job: %w", err)
		}
	}
	return nil
}

// Work implements river.Worker.
func (w *erasePersonWorker) Work(ctx context.Context, job *river.Job[ErasePersonArgs]) error {
	s := w.s
	e, err := s.db.ClaimErasure(ctx, job.Args.ErasureID, postgres.Lease)
	if err == nil {
		err = s.erase(ctx, e)
		if err != nil {
			end, cancel := outlast(ctx)
			defer cancel()
			err = errors.Join(err, s.db.ReleaseErasure(end, e, eraseAgain))
		}
	}
	d := Outcome(err, Try{Attempt: job.Attempt, Max: job.MaxAttempts, Ended: ctx.Err()})
	if d.Action != ActDone {
		s.cfg.Log.WarnContext(ctx, "erasure ended early", "erasure_id", job.Args.ErasureID, "action", string(d.Action), "code", d.Code, "error", err)
	}
	if d.Action == ActSnooze {
		d.Delay = eraseBusy
	}
	return told(ctx, d, err)
}

// Pauses of erasures: after a failure, and when the account is busy.
const (
	eraseAgain = 10 * time.Second
	eraseBusy  = time.Second
)

// erase goes on with an erasure where it is.
func (s *Service) erase(ctx context.Context, e postgres.Erasure) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() {
		tick := time.NewTicker(postgres.Renewal)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := s.db.RenewErasure(ctx, e, postgres.Lease); pipeline.KindOf(err) == pipeline.KindFenced && err != nil {
					cancel(err)
					return
				}
			}
		}
	})
	defer func() {
		if lost := context.Cause(ctx); err != nil && lost != nil && pipeline.KindOf(lost) == pipeline.KindFenced {
			err = lost
		}
		cancel(nil)
		keeper.Wait()
	}()
	p, ring, err := s.person(e)
	if err != nil {
		return err
	}
	if e.State == postgres.ErasureAsked {
		if p, e.Removed, err = s.eraseRows(ctx, e, ring, p); err != nil {
			return err
		}
	}
	x := &eraser{Service: s, e: e, person: p, says: s.cfg.People.Says(p), removed: e.Removed}
	if err := x.objects(ctx); err != nil {
		return err
	}
	return s.db.InAccount(ctx, e.Account, func(tx pgx.Tx) error {
		if err := postgres.FenceErasure(ctx, tx, e); err != nil {
			return err
		}
		return postgres.FinishErasure(ctx, tx, e, x.removed)
	})
}

// person opens what is looked for.
func (s *Service) person(e postgres.Erasure) (p schemas.Person, ring *sealed.Ring, err error) {
	if s.cfg.People.Keys == nil {
		return p, nil, &pipeline.Error{Op: "open erasure", Kind: pipeline.KindPermanent, Err: errors.New("there is no secret key")}
	}
	if ring, err = s.cfg.People.Keys(); err != nil {
		return p, nil, err
	}
	text, _, err := ring.Open(e.Sealed, postgres.ErasureOf(e.ID))
	if err != nil {
		return p, nil, err
	}
	if json.Unmarshal(text, &p) != nil {
		return p, nil, &pipeline.Error{Op: "open erasure", Kind: pipeline.KindPermanent, Err: errors.New("it is of another version")}
	}
	return p, ring, nil
}

// eraseRows removes the person from the database, in one transaction under the
// account's lock.
func (s *Service) eraseRows(ctx context.Context, e postgres.Erasure, ring *sealed.Ring, p schemas.Person) (known schemas.Person, count schemas.Erased, err error) {
	err = s.db.InAccount(ctx, e.Account, func(tx pgx.Tx) error {
		if err := pipeline.LockAccount(ctx, tx, e.Account); err != nil {
			return err
		}
		if err := postgres.FenceErasure(ctx, tx, e); err != nil {
			return err
		}
		var rows []pipeline.RowPlace
		var imports []schemas.ImportID
		var err error
		known, rows, imports, count, err = s.cfg.People.Erase(ctx, tx, e.Account, e.ID, ring.Fingerprints(e.Account)[0], p)
		if err != nil {
			return err
		}
		text, err := json.Marshal(known)
		if err != nil {
			return err
		}
		return postgres.SaveErased(ctx, tx, e, ring.Seal(text, postgres.ErasureOf(e.ID)), rows, imports, count)
	})
	return known, count, err
}
