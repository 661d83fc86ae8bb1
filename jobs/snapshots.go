package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// Snapshots of all prospects of an account are taken weekly, on request at any time,
// and kept for a week: the next one is there before the last one goes.
const (
	snapshotsEvery  = 10 * time.Minute // they are looked for
	snapshotEvery   = keepSnapshots - purgeEvery - time.Hour
	keepSnapshots   = 7 * 24 * time.Hour
	snapshotTimeout = jobTimeout
)

// TakeSnapshotsArgs are the arguments of take_snapshots: what is due or owed, account
// by account.
type TakeSnapshotsArgs struct{}

// Kind implements river.JobArgs.
func (TakeSnapshotsArgs) Kind() string { return "take_snapshots" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next one comes by itself.
func (TakeSnapshotsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDatasets, MaxAttempts: 1}
}

type takeSnapshotsWorker struct {
	river.WorkerDefaults[TakeSnapshotsArgs]
	s *Service
}

// Timeout implements river.Worker.
func (*takeSnapshotsWorker) Timeout(*river.Job[TakeSnapshotsArgs]) time.Duration {
	return snapshotTimeout
}

// Work implements river.Worker.
func (w *takeSnapshotsWorker) Work(ctx context.Context, job *river.Job[TakeSnapshotsArgs]) error {
	return w.s.upkeep(ctx, job.Kind, w.s.takeSnapshots(ctx, snapshotEvery))
}

func (s *Service) takeSnapshots(ctx context.Context, every time.Duration) error {
	accounts, err := s.db.Accounts(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, account := range accounts {
		ids, err := s.db.OwedSnapshots(ctx, account.ID, every)
		for _, id := range ids {
			if _, one := TakeSnapshot(ctx, s.db, s.cfg.PutFile, s.cfg.ScratchDir, s.cfg.Engine, account.ID, id); pipeline.KindOf(one) != pipeline.KindBusy {
				err = errors.Join(err, one)
			}
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// TakeSnapshot writes an owed snapshot of an account. Whoever dies over it leaves it
// owed.
func TakeSnapshot(ctx context.Context, db *postgres.DB, put func(ctx context.Context, key, path string) error, scratch string, engine duck.Options, account int32, id schemas.ImportID) (_ postgres.Snapshot, err error) {
	d, ok := schemas.DatasetByName(schemas.DatasetSnapshot)
	if !ok {
		return postgres.Snapshot{}, errors.New("take snapshot: there is no such dataset")
	}
	// A name as attempts have it: what a dead process leaves is purged.
	dir := filepath.Join(scratch, id.String()+"-snapshot")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return postgres.Snapshot{}, fmt.Errorf("make scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := duck.Open(ctx, dir, engine)
	if err != nil {
		return postgres.Snapshot{}, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return db.TakeSnapshot(ctx, account, id, func(key string, rows pipeline.Batches) (postgres.Snapshot, error) {
		f, err := w.WriteDatasetRows(ctx, d, rows)
		if err == nil {
			err = put(ctx, key, f.Path)
		}
		return postgres.Snapshot{Rows: f.Rows, Bytes: f.Bytes}, err
	})
}

// purgeSnapshots removes the snapshots of an account whose time is over.
func (s *Service) purgeSnapshots(ctx context.Context, account int32) error {
	list, err := s.db.OldSnapshots(ctx, account, keepSnapshots)
	if err != nil {
		return err
	}
	for _, old := range list {
		if old.Key != "" {
			if err := s.cfg.Store.Delete(ctx, old.Key); err != nil {
				return err
			}
		}
		if err := s.db.ForgetSnapshot(ctx, account, old.ID); err != nil {
			return err
		}
	}
	return nil
}
