package main

import (
	"context"
	"time"

	"github.com/bateia/bateia/cmd/internal/app"
	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

const (
	pollFirst = 50 * time.Millisecond
	pollMost  = time.Second
	// noWorkerAfter is when somebody who waits hears that nobody works.
	noWorkerAfter = 10 * time.Second
	// afterWait is how long the end of an import waits for what follows it.
	afterWait = 30 * time.Second
)

// waiter follows imports to their end.
type waiter struct {
	s        *session
	a        *app.App
	account  schemas.Account
	progress *terminal.Progress
	told     map[string]bool // stages whose end was shown
	inside   bool            // the worker runs in this process
}

func newWaiter(s *session, a *app.App, account schemas.Account) *waiter {
	return &waiter{s: s, a: a, account: account, progress: terminal.NewProgress(s.out.Err, s.words, s.clock)}
}

func (w *waiter) close() { w.progress.Close() }

// work starts a worker in this process when the stack has none of its own.
func (w *waiter) work() error {
	if w.a.Stack == nil || w.a.Stack.HasWorker() {
		return nil
	}
	w.inside = true
	return w.a.StartWorker(w.s.ctx, app.WorkerOptions{Version: programVersion(), SoftStop: 2 * time.Minute})
}

// until says whether an import in a state is where the command wants it.
type until func(state schemas.State, held bool) bool

// untilPlanned ends at ready when only the plan was asked for, or when the
// import waits for a decision.
func untilPlanned(planOnly bool) until {
	return func(state schemas.State, held bool) bool {
		return state.Terminal() || state == schemas.Ready && (planOnly || held)
	}
}

// wait follows an import until it is done, shows what became of it, and returns
// the exit code that this stands for.
func (w *waiter) wait(id schemas.ImportID, done until) (int, error) {
	w.told = map[string]bool{}
	err := w.follow(id, done)
	w.progress.Close()
	if w.s.ctx.Err() != nil {
		w.s.out.Notef("%s", w.s.words.Say("interrupted", "id", id))
		return exitInterrupted, exit(exitInterrupted)
	}
	if err != nil {
		return 0, err
	}
	doc, err := w.s.show(w.a, w.account, id)
	if doc.State == schemas.Failed && w.inside {
		w.s.out.Notef("%s", w.s.words.Say("see_log", "file", logPath(w.s.config.DataDir)))
	}
	if err == nil && w.inside {
		// The worker ends with this command, and the next one may ask the datasets.
		err = w.await(id, postgres.PhaseDatasets)
	}
	return importExit(doc), err
}

// follow polls the import and shows its stages.
func (w *waiter) follow(id schemas.ImportID, done until) error {
	began, told := w.s.clock(), false
	for pause := pollFirst; ; pause = min(pause*3/2, pollMost) {
		row, err := w.a.DB.ReadImport(w.s.ctx, w.account.ID, id)
		if err != nil {
			return err
		}
		if err := w.stages(id, row.Object.Size); err != nil {
			return err
		}
		if done(row.State, row.Held) {
			return w.await(id, postgres.PhaseReport)
		}
		if !told && row.StartedAt == nil && !w.inside && w.s.clock().Sub(began) > noWorkerAfter {
			told = true
			w.s.out.Notef("%s", w.s.words.Say("no_worker", "id", id))
		}
		if err := sleep(w.s.ctx, pause); err != nil {
			return err
		}
	}
}

// stages shows how far the stages are.
func (w *waiter) stages(id schemas.ImportID, size int64) error {
	stages, err := w.a.DB.ReadStages(w.s.ctx, w.account.ID, id)
	if err != nil {
		return err
	}
	var records int64
	for _, t := range stages {
		if t.Name == schemas.StageParse && t.Done {
			records = t.Rows
		}
		switch {
		case w.told[t.Name]:
		case t.Done:
			w.told[t.Name] = true
			w.progress.Done(t.StageTime)
		default:
			w.progress.Update(progressOf(t, size, records))
		}
	}
	return nil
}

// progressOf says how far a stage is of what is known of its end. Apply counts
// everything it writes, of which nobody knows the sum before.
func progressOf(t postgres.StageRun, size, records int64) pipeline.Progress {
	at := pipeline.Progress{Stage: t.Name, Rows: t.Rows, Bytes: t.Bytes}
	switch t.Name {
	case schemas.StageFetch, schemas.StageParse:
		at.TotalBytes = size
	case schemas.StageValidate, schemas.StageDedupe, schemas.StageResolve:
		at.Bytes, at.TotalRows = 0, records
	}
	return at
}

// await gives a phase after an import time to end: the report, so that the summary
// can say where it lies beside the drop. An import is done without it all the same.
func (w *waiter) await(id schemas.ImportID, phase postgres.Phase) error {
	ctx, cancel := context.WithTimeout(w.s.ctx, afterWait)
	defer cancel()
	for pause := pollFirst; ; pause = min(pause*3/2, pollMost) {
		over, err := w.a.DB.PhaseDone(ctx, id, phase)
		if err != nil || over {
			return err
		}
		if sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// importExit is the exit code that the end of an import stands for.
func importExit(doc schemas.ImportDocument) int {
	switch doc.State {
	case schemas.Rejected:
		return exitRejected
	case schemas.Failed:
		if doc.Code != nil && *doc.Code == "SERVICE_UNAVAILABLE" {
			return exitUnreachable
		}
		return exitFailed
	case schemas.Canceled, schemas.Undone:
		return exitFailed
	}
	switch {
	case doc.State == schemas.Ready && doc.Held:
		return exitHeld
	case doc.Ledger.Rejected+doc.Ledger.Conflict > 0:
		return exitRefusedRows
	}
	return exitDone
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
