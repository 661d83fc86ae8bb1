package jobs

import (
	"context"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/dataset"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// WriteDatasetsArgs are the arguments of write_datasets: what analysts read of an
// import in the bucket.
type WriteDatasetsArgs struct{ importRef }

// Kind implements river.JobArgs.
func (WriteDatasetsArgs) Kind() string { return "write_datasets" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WriteDatasetsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDatasets, MaxAttempts: maxAttempts}
}

type writeDatasetsWorker struct {
	river.WorkerDefaults[WriteDatasetsArgs]
	s *Service
}

// Work implements river.Worker.
func (w *writeDatasetsWorker) Work(ctx context.Context, job *river.Job[WriteDatasetsArgs]) error {
	return work(ctx, w.s, job, job.Args.importRef, postgres.PhaseDatasets, w.s.writeDatasets)
}

// writeDatasets makes the bucket hold what the tables say of an import now: files
// are written, also again, and those that it must not have any more are removed.
//
// Keys do not change, so the last one to write wins: a worker whose claim was lost
// may still be at it. The lock keeps the next one out until it has ended.
func (s *Service) writeDatasets(ctx context.Context, a *attempt) error {
	if err := a.folder(); err != nil {
		return err
	}
	began := time.Now()
	return s.db.LockDatasets(ctx, a.claim.ImportID, func() error {
		files, err := s.datasetFiles(ctx, a)
		if err != nil {
			return err
		}
		// Named before they are there: whatever happens next, they are known.
		var old []postgres.DatasetFile
		err = a.in(ctx, func(tx pgx.Tx) error {
			old, err = postgres.AnnounceDatasets(ctx, tx, a.claim, files)
			return err
		})
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := s.cfg.PutFile(ctx, f.Key, filepath.Join(a.run.Dir, f.Dataset)); err != nil {
				return err
			}
		}
		if err := s.deleteFiles(ctx, old); err != nil {
			return err
		}
		err = a.in(ctx, func(tx pgx.Tx) error {
			if err := postgres.FinishDatasets(ctx, tx, a.claim, files); err != nil {
				return err
			}
			return a.complete(ctx, tx)
		})
		if err == nil {
			var rows, bytes int64
			for _, f := range files {
				rows, bytes = rows+f.Rows, bytes+f.Bytes
			}
			a.log.InfoContext(ctx, "datasets written", "files", len(files), "rows", rows, "bytes", bytes, "seconds", time.Since(began).Seconds())
		}
		return err
	})
}

// datasetFiles writes what there is to the attempt's folder, a file a dataset.
func (s *Service) datasetFiles(ctx context.Context, a *attempt) (files []postgres.DatasetFile, err error) {
	err = s.db.ReadDatasets(ctx, a.claim.Account, a.claim.ImportID, func(r *postgres.DatasetReader) error {
		for _, d := range schemas.Datasets() {
			if d.Name == schemas.DatasetSnapshot || d.Counts && r.State == schemas.Undone {
				continue
			}
			w, err := dataset.WriteFile(ctx, filepath.Join(a.run.Dir, d.Name), d, r.Read(ctx, d))
			if err != nil {
				return err
			}
			if w.Rows > 0 {
				key := schemas.DatasetKey(d.Name, r.Account, r.Day, a.claim.ImportID)
				files = append(files, postgres.DatasetFile{Dataset: d.Name, Key: key, Rows: w.Rows, Bytes: w.Bytes})
			}
		}
		return nil
	})
	return files, err
}

func (s *Service) deleteFiles(ctx context.Context, files []postgres.DatasetFile) error {
	if len(files) == 0 {
		return nil
	}
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.Key
	}
	if err := s.cfg.Store.Delete(ctx, keys...); err != nil {
		return &pipeline.Error{Op: "remove datasets", Kind: pipeline.KindTransient, Code: "SERVICE_UNAVAILABLE", Err: err}
	}
	return nil
}

// disturbed owes the datasets of the other imports of which something else is true
// once this one is applied: what it took back, what it took up of refused rows,
// what changed of leads and merges thereby.
func (a *attempt) disturbed(ctx context.Context, tx pgx.Tx) ([]postgres.Owed, error) {
	if a.run.UndoOf == 0 && a.run.RedoOf == 0 && a.run.ReplayOf == 0 && a.run.Request.Decision == nil {
		return nil, nil
	}
	var touched []schemas.ImportID
	if e := a.run.Facts.Effect; e != nil {
		touched = e.Imports
	}
	return postgres.OweDisturbed(ctx, tx, a.claim, touched)
}
