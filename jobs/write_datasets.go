package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
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

// writeDatasets makes the bucket hold what the tables say of an import now.
func (s *Service) writeDatasets(ctx context.Context, a *attempt) error {
	if err := a.folder(); err != nil {
		return err
	}
	w, err := duck.Open(ctx, a.run.Dir, s.cfg.Engine)
	if err != nil {
		return err
	}
	return errors.Join(s.publish(ctx, a, w, false), w.Close())
}

// publishers is how many attempts write datasets at once. Each holds a connection with
// the lock and needs others beside: those of all attempts at once would be the pool.
const publishers = 2

// goOnToDatasets writes the datasets of an import that was just applied from the
// workset as it stands: reading them back from the tables takes several times as long.
// The import is committed and the claim of the phase is held: whatever fails here is told
// and no more, and a job of its own writes them from the tables.
func (s *Service) goOnToDatasets(ctx context.Context, a *attempt) {
	w, ok := a.run.Workset.(*duck.Workset)
	if !ok || a.current().Phase != postgres.PhaseDatasets {
		return
	}
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = panicError(p)
			}
		}()
		return s.publish(ctx, a, w, true)
	}()
	if err == nil {
		return
	}
	a.log.WarnContext(ctx, "datasets from the workset", "error", a.nameless(err))
	end, cancel := outlast(ctx)
	defer cancel()
	err = insist(end, func() error { return s.db.Release(end, a.claim, 0) })
	// Whoever took it over meanwhile did so from a process that lives.
	if err := errors.Join(err, s.db.Absolve(end, a.claim)); err != nil {
		a.log.WarnContext(ctx, "give datasets back", "error", err)
	}
}

// publish makes the bucket hold what is true of an import: files are written, also
// again, and those that it must not have any more are removed. fresh says that w is the
// workset that it was just applied from.
//
// Keys do not change, so the last one to write wins: a worker whose claim was lost
// may still be at it. The lock keeps the next one out until it has ended.
func (s *Service) publish(ctx context.Context, a *attempt, w *duck.Workset, fresh bool) error {
	if err := s.publishing.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("wait to write datasets: %w", err)
	}
	defer s.publishing.Release(1)
	began := time.Now()
	return s.db.LockDatasets(ctx, a.claim.ImportID, func() error {
		files, err := s.datasetFiles(ctx, a, w, fresh)
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
			if err := s.cfg.PutFile(ctx, f.Key, filepath.Join(a.run.Dir, f.Dataset+".parquet")); err != nil {
				return err
			}
		}
		if err := s.deleteFiles(ctx, old); err != nil {
			return err
		}
		err = a.in(ctx, func(tx pgx.Tx) error {
			if err := postgres.FinishDatasets(ctx, tx, a.claim, files); err != nil || fresh {
				return err // a fresh one's job ended with apply
			}
			return a.complete(ctx, tx)
		})
		if err == nil {
			var rows, bytes int64
			for _, f := range files {
				rows, bytes = rows+f.Rows, bytes+f.Bytes
			}
			a.log.InfoContext(ctx, "datasets written", "fresh", fresh, "files", len(files), "rows", rows, "bytes", bytes, "seconds", time.Since(began).Seconds())
		}
		return err
	})
}

// datasetFiles writes what there is to the attempt's folder, a file a dataset.
func (s *Service) datasetFiles(ctx context.Context, a *attempt, w *duck.Workset, fresh bool) (files []postgres.DatasetFile, err error) {
	err = s.db.ReadDatasets(ctx, a.claim.Account, a.claim.ImportID, func(r *postgres.DatasetReader) error {
		var applied *stages.Applied
		if fresh {
			sentences, err := r.Sentences(ctx)
			if err != nil {
				return err
			}
			applied = &stages.Applied{No: r.AppliedNo, Sentences: sentences}
		}
		for _, d := range schemas.Datasets() {
			if d.Name == schemas.DatasetSnapshot || d.Counts && r.State == schemas.Undone {
				continue
			}
			f, err := datasetFile(ctx, a.run, w, r, d, applied)
			if err != nil {
				return err
			}
			if f.Rows > 0 {
				key := schemas.DatasetKey(d.Name, r.Account, r.Day, a.claim.ImportID)
				files = append(files, postgres.DatasetFile{Dataset: d.Name, Key: key, Rows: f.Rows, Bytes: f.Bytes})
			}
		}
		return nil
	})
	return files, err
}

// datasetFile writes one dataset's file: from the workset that the run was just applied
// from, as far as it knows, else from the tables.
func datasetFile(ctx context.Context, run *pipeline.Run, w *duck.Workset, r *postgres.DatasetReader, d schemas.Dataset, applied *stages.Applied) (duck.Written, error) {
	query, known := "", false
	if applied != nil {
		query, known = stages.AppliedDataset(run, d, *applied)
	}
	switch {
	case !known:
		return w.WriteDatasetRows(ctx, d, r.Read(ctx, d))
	case d.Name == schemas.DatasetProspects:
		// The workset has those that were founded, and the tables the others. Some of
		// the founded ones may have been changed since.
		return w.WriteDatasetWith(ctx, d, r.ReadChanged(ctx, d), func(rows string) string {
			return fmt.Sprintf("(%s) union all (select * from %s where not starts_with(prospect_id, 'ba%s'))", query, rows, run.ImportID)
		})
	}
	return w.WriteDataset(ctx, d, query)
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
	if a.run.UndoOf == 0 && a.run.RedoOf == 0 && a.run.ReplayOf == 0 && a.run.Request.Decision == nil && a.run.Facts.Resolved == 0 {
		return nil, nil
	}
	var touched []schemas.ImportID
	if e := a.run.Facts.Effect; e != nil {
		touched = e.Imports
	}
	return postgres.OweDisturbed(ctx, tx, a.claim, touched)
}
