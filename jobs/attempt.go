package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// attempt is one try of one job at one phase of an import: the claim, kept alive
// by the keeper, and what the stages work in.
type attempt struct {
	s        *Service
	complete func(ctx context.Context, tx pgx.Tx) error // of the job, in a transaction
	run      *pipeline.Run
	row      postgres.ImportRow
	log      *slog.Logger

	mu       sync.Mutex
	claim    postgres.Claim
	progress pipeline.Progress

	next *postgres.Claim // of phase datasets, once apply is committed with a workset

	held   int64 // seats taken
	closed []func() error
}

// current returns the claim, which changes when a plan goes on to apply.
func (a *attempt) current() postgres.Claim {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.claim
}

// work runs one job of one phase: claim, do, and whatever Outcome decides. It
// returns what River is to know.
func work[T river.JobArgs](ctx context.Context, s *Service, job *river.Job[T], ref importRef, phase postgres.Phase, do func(context.Context, *attempt) error) error {
	id, err := schemas.ParseImportID(ref.ImportID)
	if err != nil {
		return river.JobCancel(err)
	}
	log := s.cfg.Log.With("import_id", ref.ImportID, "phase", string(phase))
	a := &attempt{s: s, complete: completer(job), log: log}
	try := Try{Phase: phase, Attempt: job.Attempt, Max: job.MaxAttempts}

	a.claim, err = s.db.Claim(ctx, id, phase, s.id.String(), postgres.Lease)
	switch {
	case err == nil:
		err = a.guarded(ctx, do)
	case a.claim.Epoch == 0: // nothing to give back
		try.Ended = ctx.Err()
		return told(ctx, Outcome(err, try), err)
	}
	return a.settle(ctx, err, try)
}

// guarded runs do with the keeper beside it and everything the phase needs, and
// turns a panic into an error. The keeper has ended when it returns.
func (a *attempt) guarded(ctx context.Context, do func(context.Context, *attempt) error) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	wait := a.keep(ctx, cancel)
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
			a.log.ErrorContext(ctx, "panic in a stage", "error", err, "stack", string(debug.Stack()))
		}
		cancel(nil)
		wait()
		a.close()
	}()
	if err := a.prepare(ctx); err != nil {
		return err
	}
	err = do(ctx, a)
	if lost := context.Cause(ctx); err != nil && pipeline.KindOf(lost) == pipeline.KindFenced {
		return lost // whatever broke, it broke because the claim was lost
	}
	return err
}

// panicError keeps what kind of panic it was. Only the runtime's own texts are
// known to hold no value.
func panicError(p any) error {
	text := fmt.Sprintf("panic with %T", p)
	var known runtime.Error
	if err, ok := p.(error); ok && errors.As(err, &known) {
		text = known.Error()
	}
	return &pipeline.Error{Op: "run job", Kind: pipeline.KindPermanent, Code: "INTERNAL", Err: errors.New(text)}
}

// prepare takes a seat, loads the run and makes its folder.
func (a *attempt) prepare(ctx context.Context) error {
	if err := a.sit(ctx, a.claim.Alone); err != nil {
		return err
	}
	var err error
	if a.run, a.row, err = a.s.db.LoadRun(ctx, a.claim.Account, a.claim.ImportID); err != nil {
		return err
	}
	// Stages name the import in every line themselves.
	a.run.Epoch, a.run.Log, a.run.Progress = a.claim.Epoch, a.s.cfg.Log, a.note
	return nil
}

// sit takes a seat in the process, or all of them. Whoever has one and needs all
// gives it back first.
func (a *attempt) sit(ctx context.Context, alone bool) error {
	n := int64(1)
	if alone {
		n = seats
	}
	if n <= a.held {
		return nil
	}
	a.s.seats.Release(a.held)
	a.held = 0
	if err := a.s.seats.Acquire(ctx, n); err != nil {
		return fmt.Errorf("wait for a seat: %w", err)
	}
	a.held = n
	return nil
}

// share gives back all seats but one: what follows the commit needs no company
// kept out.
func (a *attempt) share() {
	if a.held > 1 {
		a.s.seats.Release(a.held - 1)
		a.held = 1
	}
}

// folder makes the attempt's folder.
func (a *attempt) folder() error {
	dir := filepath.Join(a.s.cfg.ScratchDir, scratchName(a.claim))
	a.s.live.add(dir)
	a.closed = append(a.closed, func() error {
		defer a.s.live.remove(dir)
		return os.RemoveAll(dir)
	})
	// Something of this name can only be from a database that began anew.
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return fmt.Errorf("make folder of the attempt: %w", err)
	}
	a.run.Dir = dir
	return nil
}

// open makes the attempt's folder and its workset.
func (a *attempt) open(ctx context.Context) error {
	if err := a.folder(); err != nil {
		return err
	}
	w, end, err := a.s.cfg.OpenWorkset(ctx, a.run.Dir)
	if err != nil {
		return err
	}
	a.run.Workset = w
	if end != nil {
		a.closed = append(a.closed, end)
	}
	return nil
}

// close gives back what the attempt took, last things first. The work itself may
// be committed by now, so nothing that goes wrong here changes its outcome: a
// folder that stays is purge's business.
func (a *attempt) close() {
	for i := len(a.closed) - 1; i >= 0; i-- {
		if err := a.closed[i](); err != nil {
			a.log.Warn("clean up after an attempt", "error", err)
		}
	}
	a.s.seats.Release(a.held)
	a.held = 0
}

// in runs a transaction of the import's account.
func (a *attempt) in(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return a.s.db.InAccount(ctx, a.claim.Account, fn)
}

// note keeps the progress of a stage for the keeper to record.
func (a *attempt) note(p pipeline.Progress) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress = p
}

// settle does what Outcome decides after an attempt that held a claim.
func (a *attempt) settle(ctx context.Context, err error, try Try) error {
	try.Ended = ctx.Err()
	d := Outcome(err, try)
	if d.Action == ActDone {
		return nil
	}
	err = a.nameless(err)
	end, cancel := outlast(ctx)
	defer cancel()
	c := a.current()
	level := slog.LevelInfo
	if d.Action == ActFail {
		level = slog.LevelError
	}
	a.log.Log(ctx, level, "attempt ended", "action", string(d.Action), "code", d.Code, "attempt", try.Attempt, "delay", d.Delay, "error", err)
	switch d.Action {
	case ActLost:
		// When only the job was lost the claim still holds.
		return errors.Join(err, a.giveBack(end, c, try, 0))
	case ActReject, ActFail, ActPlanAgain:
		failed := insist(end, func() error { return a.conclude(end, c, d) })
		if failed == nil {
			return nil
		}
		err = errors.Join(failed, err)
		d = Decision{Action: ActRetry, Delay: retryDelay(try.Attempt)}
	}
	return told(ctx, d, errors.Join(err, a.giveBack(end, c, try, d.Delay)))
}

// namelessError is an error without the name of the import's object.
type namelessError struct {
	err  error
	text string
}

func (e *namelessError) Error() string { return e.text }
func (e *namelessError) Unwrap() error { return e.err }

// nameless takes the object's name out of an error's text before it reaches logs
// and River's table: people call files by names and phone numbers.
func (a *attempt) nameless(err error) error {
	if err == nil || a.run == nil {
		return err
	}
	text := err.Error()
	for _, name := range []string{a.run.Object.Key, a.run.FileName} {
		if name != "" {
			text = strings.ReplaceAll(text, name, "(the object)")
		}
	}
	return &namelessError{err, text}
}

// giveBack makes the phase owed again. A plan that had gone on to apply is lost
// with its folder, so it is the plan that is owed: by this same job, when River
// tries it again. When somebody took the claim over meanwhile, this process lives
// all the same, and says so.
func (a *attempt) giveBack(ctx context.Context, c postgres.Claim, try Try, delay time.Duration) error {
	return insist(ctx, func() error {
		var err error
		if c.Phase != try.Phase {
			err = a.in(ctx, func(tx pgx.Tx) error { return postgres.PlanAgain(ctx, tx, c, delay) })
		} else {
			err = a.s.db.Release(ctx, c, delay)
		}
		if err != nil && pipeline.KindOf(err) != pipeline.KindFenced {
			return err
		}
		return a.s.db.Absolve(ctx, c)
	})
}

// Limits of outlast.
const (
	maxOutage  = 10 * time.Minute
	afterStop  = 10 * time.Second
	insistFrom = 50 * time.Millisecond
	insistTo   = 5 * time.Second
)

// outlast returns a context for what has to be said at the end of a job, whose own
// context may be over: it lasts through an outage of the database, but no longer
// than afterStop once ctx ended.
func outlast(ctx context.Context) (context.Context, context.CancelFunc) {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxOutage)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(afterStop, cancel) })
	return end, func() { stop(); cancel() }
}

// insist calls fn until it returns anything but a passing failure.
func insist(ctx context.Context, fn func() error) error {
	for pause := insistFrom; ; pause = min(2*pause, insistTo) {
		err := fn()
		if err == nil || pipeline.KindOf(err) != pipeline.KindTransient {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// told turns a decision into what River understands.
func told(ctx context.Context, d Decision, err error) error {
	switch d.Action {
	case ActDone:
		return nil
	case ActSnooze:
		return river.JobSnooze(d.Delay)
	case ActReject, ActFail:
		return river.JobCancel(err)
	}
	// River counts no attempt when its own stop interrupted the job.
	return errors.Join(err, ctx.Err())
}

// conclude commits a decision that ends a phase, with the job's completion.
func (a *attempt) conclude(ctx context.Context, c postgres.Claim, d Decision) error {
	return a.in(ctx, func(tx pgx.Tx) error {
		owed := afterwards(c)
		var err error
		switch {
		case d.Action == ActPlanAgain:
			owed = []postgres.Owed{{Account: c.Account, ImportID: c.ImportID, Phase: postgres.PhasePlan, Sync: a.run.Request.Sync != nil}}
			err = postgres.PlanAgain(ctx, tx, c, 0)
		case slices.Contains(postgres.Afterwards, c.Phase):
			if err := postgres.FinishAfter(ctx, tx, c, d.Code); err != nil {
				return err
			}
			return a.complete(ctx, tx)
		default:
			state := schemas.Failed
			if d.Action == ActReject {
				state = schemas.Rejected
			}
			err = postgres.Conclude(ctx, tx, c, state, d.Code, a.learnt())
			if err == nil {
				err = a.failSync(ctx, tx, d.Code)
			}
		}
		if err != nil {
			return err
		}
		if err := a.s.EnqueueTx(ctx, tx, owed...); err != nil {
			return err
		}
		return a.complete(ctx, tx)
	})
}

// learnt is what is known of the import so far.
func (a *attempt) learnt() postgres.Result {
	if a.run == nil {
		return postgres.Result{}
	}
	return postgres.Result{Facts: a.run.Facts, BaseVersion: &a.run.BaseVersion}
}

func scratchName(c postgres.Claim) string {
	name := fmt.Sprintf("%s-%d", c.ImportID, c.Epoch)
	if c.Phase != postgres.PhasePlan {
		name += "-" + string(c.Phase)
	}
	return name
}
