package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
)

// progressEvery is how often the progress of a stage is recorded for those who
// watch from other processes.
const progressEvery = time.Second

// keep starts the keeper, which renews the claim until ctx ends and records the
// progress of stages. When the claim is lost it cancels with the error of kind
// fenced. A database that is out of reach is no loss: nobody else can take the
// claim either, and every commit checks it. wait returns when the keeper ended.
func (a *attempt) keep(ctx context.Context, lost context.CancelCauseFunc) (wait func()) {
	var done sync.WaitGroup
	done.Go(func() {
		renew, progress := time.NewTicker(postgres.Renewal), time.NewTicker(progressEvery)
		defer renew.Stop()
		defer progress.Stop()
		var last pipeline.Progress
		for {
			select {
			case <-ctx.Done():
				return
			case <-renew.C:
				if err := a.renew(ctx); pipeline.KindOf(err) == pipeline.KindFenced {
					lost(err)
					return
				} else if err != nil {
					a.log.WarnContext(ctx, "renew claim", "error", err)
				}
			case <-progress.C:
				last = a.record(ctx, last)
			}
		}
	})
	return done.Wait
}

// renew renews the claim of the moment.
func (a *attempt) renew(ctx context.Context) error {
	c := a.current()
	err := a.s.db.Renew(ctx, c, postgres.Lease)
	if err != nil && a.current() != c {
		return nil // it was exchanged meanwhile
	}
	return err
}

// record writes the progress down when it changed.
func (a *attempt) record(ctx context.Context, last pipeline.Progress) pipeline.Progress {
	a.mu.Lock()
	now, c := a.progress, a.claim
	a.mu.Unlock()
	if now == last || now.Stage == "" {
		return last
	}
	if err := a.s.db.StageProgress(ctx, c, now.Stage, now.Rows, now.Bytes); err != nil {
		a.log.DebugContext(ctx, "record progress", "error", err)
	}
	return now
}
