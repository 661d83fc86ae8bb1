package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/snapshot_due.sql
var snapshotDueSQL string

//go:embed sql/snapshot_take.sql
var snapshotTakeSQL string

//go:embed sql/snapshot_finish.sql
var snapshotFinishSQL string

// Snapshot is a file with all prospects of an account.
type Snapshot struct {
	ID    schemas.ImportID // of its own
	Key   string           // "" while it is owed
	Rows  int64
	Bytes int64
}

// RequestSnapshot makes a snapshot of an account owed.
func (db *DB) RequestSnapshot(ctx context.Context, account int32, by string) (id schemas.ImportID, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "insert into bateia.snapshots (account_id, snapshot_id, requested_by) values ($1, bateia.new_import_id(), $2) returning snapshot_id",
			account, by).Scan(&id)
		if err != nil {
			return fmt.Errorf("request snapshot: %w", err)
		}
		return nil
	})
	return id, err
}

// OwedSnapshots makes the snapshot of an account owed for which it is time again,
// and returns all that are owed.
func (db *DB) OwedSnapshots(ctx context.Context, account int32, every time.Duration) (ids []schemas.ImportID, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, snapshotDueSQL, account, every); err != nil {
			return fmt.Errorf("schedule snapshot: %w", err)
		}
		rows, err := tx.Query(ctx, "select snapshot_id from bateia.snapshots where account_id = $1 and state = 'owed' order by 1", account)
		if err == nil {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID])
		}
		if err != nil {
			return fmt.Errorf("find owed snapshots: %w", err)
		}
		return nil
	})
	return ids, err
}

// TakeSnapshot calls write with the key that an owed snapshot is to have and its
// rows; what it returns is noted. Nothing happens when the snapshot is not owed.
// Error of kind busy when somebody else is at it.
func (db *DB) TakeSnapshot(ctx context.Context, account int32, id schemas.ImportID, write func(key string, rows pipeline.Batches) (Snapshot, error)) (Snapshot, error) {
	var done Snapshot
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var slug string
		var day time.Time
		switch err := tx.QueryRow(ctx, snapshotTakeSQL, account, id).Scan(&slug, &day); {
		case errors.Is(err, pgx.ErrNoRows):
			return db.whyNoSnapshot(ctx, tx, account, id, &done)
		case err != nil:
			return fmt.Errorf("take snapshot %s: %w", id, err)
		}
		key := schemas.DatasetKey(schemas.DatasetSnapshot, slug, day, id)
		err := db.ReadSnapshot(ctx, account, id, func(rows pipeline.Batches) (err error) {
			done, err = write(key, rows)
			return err
		})
		if err != nil {
			return err
		}
		done.ID, done.Key = id, key
		if _, err := tx.Exec(ctx, snapshotFinishSQL, account, id, key, done.Rows, done.Bytes); err != nil {
			return fmt.Errorf("finish snapshot %s: %w", id, err)
		}
		return nil
	})
	return done, err
}

func (db *DB) whyNoSnapshot(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, s *Snapshot) error {
	var state string
	err := tx.QueryRow(ctx, "select state, key, coalesce(rows, 0), coalesce(bytes, 0) from bateia.snapshots where account_id = $1 and snapshot_id = $2", account, id).
		Scan(&state, &s.Key, &s.Rows, &s.Bytes)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil // it was kept for its time, and is gone
	case err != nil:
		return fmt.Errorf("read snapshot %s: %w", id, err)
	case state == "owed":
		return &pipeline.Error{Op: fmt.Sprintf("take snapshot %s", id), Kind: pipeline.KindBusy, Err: errors.New("another worker is at it")}
	}
	s.ID = id
	return nil
}

// OldSnapshots returns the snapshots of an account that are older than age.
func (db *DB) OldSnapshots(ctx context.Context, account int32, age time.Duration) (list []Snapshot, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select snapshot_id, key, coalesce(rows, 0), coalesce(bytes, 0) from bateia.snapshots where account_id = $1 and created_at < now() - $2::interval order by 1", account, age)
		if err == nil {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Snapshot])
		}
		if err != nil {
			return fmt.Errorf("find old snapshots: %w", err)
		}
		return nil
	})
	return list, err
}

// ForgetSnapshot records that the file of a snapshot is gone.
func (db *DB) ForgetSnapshot(ctx context.Context, account int32, id schemas.ImportID) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from bateia.snapshots where account_id = $1 and snapshot_id = $2", account, id); err != nil {
			return fmt.Errorf("forget snapshot %s: %w", id, err)
		}
		return nil
	})
}

// ForgetSnapshots records that all snapshots of an account are about to go. It waits
// for the one that is being taken.
func (db *DB) ForgetSnapshots(ctx context.Context, account int32) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from bateia.snapshots where account_id = $1", account); err != nil {
			return fmt.Errorf("forget snapshots: %w", err)
		}
		return nil
	})
}
