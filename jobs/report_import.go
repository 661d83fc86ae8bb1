package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline/postgres"
)

// ReportImportArgs are the arguments of report_import: what people find beside
// their file.
type ReportImportArgs struct{ importRef }

// Kind implements river.JobArgs.
func (ReportImportArgs) Kind() string { return "report_import" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ReportImportArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueReports, MaxAttempts: maxAttempts}
}

type reportImportWorker struct {
	river.WorkerDefaults[ReportImportArgs]
	s *Service
}

// Work implements river.Worker.
func (w *reportImportWorker) Work(ctx context.Context, job *river.Job[ReportImportArgs]) error {
	return work(ctx, w.s, job, job.Args.importRef, postgres.PhaseReport, w.s.report)
}

func (s *Service) report(ctx context.Context, a *attempt) error {
	if err := s.cfg.Report(ctx, a.claim.Account, a.claim.ImportID); err != nil {
		return err
	}
	return a.in(ctx, func(tx pgx.Tx) error {
		if err := postgres.FinishAfter(ctx, tx, a.claim, ""); err != nil {
			return err
		}
		return a.complete(ctx, tx)
	})
}
