package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
)

// ScanUploadsArgs are the arguments of scan_uploads: every new drop in the bucket
// becomes an import.
type ScanUploadsArgs struct{}

// Kind implements river.JobArgs.
func (ScanUploadsArgs) Kind() string { return "scan_uploads" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (ScanUploadsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1}
}

type scanUploadsWorker struct {
	river.WorkerDefaults[ScanUploadsArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*scanUploadsWorker) Timeout(*river.Job[ScanUploadsArgs]) time.Duration { return jobTimeout }

// Work implements river.Worker.
func (w *scanUploadsWorker) Work(ctx context.Context, job *river.Job[ScanUploadsArgs]) error {
	return w.s.upkeep(ctx, job.Kind, w.s.scan(ctx))
}

// afterFailure is how long a bucket that cannot be listed is left alone.
const afterFailure = 10 * time.Second

// scan walks the bucket when that is due and nobody else does.
func (s *Service) scan(ctx context.Context) error {
	claim, err := s.db.ClaimScan(ctx, s.cfg.Store.Bucket())
	if errors.Is(err, postgres.ErrNotOwed) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.keepScan(ctx, claim, cancel)
	}()
	objects, err := s.walk(ctx)
	if lost := context.Cause(ctx); err != nil && lost != nil {
		err = errors.Join(lost, err)
	}
	cancel(nil)
	<-done
	every := s.cfg.ScanEvery
	if err != nil {
		objects, every = -1, max(every, afterFailure)
	}
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return errors.Join(err, s.db.FinishScan(end, claim, objects, every))
}

// keepScan renews the claim on a scan until ctx ends, and cancels when it is lost.
func (s *Service) keepScan(ctx context.Context, claim postgres.Scan, lost context.CancelCauseFunc) {
	tick := time.NewTicker(postgres.ScanLease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch err := s.db.RenewScan(ctx, claim); {
		case err == nil:
		case pipeline.KindOf(err) == pipeline.KindFenced:
			lost(err)
			return
		default:
			s.cfg.Log.WarnContext(ctx, "renew scan", "error", err)
		}
	}
}
