package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// Export is a file of prospects that was given out.
type Export struct {
	ID   schemas.ImportID // of the same kind as imports have
	Salt string           // of schemas.GivenHash
}

// NewExport notes that an export of an account is about to be made.
func (db *DB) NewExport(ctx context.Context, account int32) (Export, error) {
	e := Export{Salt: rand.Text()}
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "insert into bateia.exports (account_id, export_id, salt) values ($1, bateia.new_import_id(), $2) returning export_id",
			account, e.Salt).Scan(&e.ID)
	})
	if err != nil {
		return e, fmt.Errorf("note export: %w", err)
	}
	return e, nil
}

// Exports returns the salts of those of the account's exports that are still kept.
func (db *DB) Exports(ctx context.Context, account int32, ids []schemas.ImportID) (map[schemas.ImportID]string, error) {
	list, err := db.listExports(ctx, account, "select export_id, salt from bateia.exports where account_id = $1 and export_id = any ($2)", ids)
	salts := make(map[schemas.ImportID]string, len(list))
	for _, e := range list {
		salts[e.ID] = e.Salt
	}
	return salts, err
}

// AllExports returns the exports of an account.
func (db *DB) AllExports(ctx context.Context, account int32) ([]Export, error) {
	return db.OldExports(ctx, account, 0)
}

// OldExports returns the exports of an account that are older than age.
func (db *DB) OldExports(ctx context.Context, account int32, age time.Duration) (list []Export, err error) {
	return db.listExports(ctx, account, "select export_id, salt from bateia.exports where account_id = $1 and created_at < now() - $2::interval order by 1", age)
}

func (db *DB) listExports(ctx context.Context, account int32, sql string, arg any) (list []Export, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, account, arg)
		if err == nil {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Export])
		}
		if err != nil {
			return fmt.Errorf("find exports: %w", err)
		}
		return nil
	})
	return list, err
}

// InExport runs fn while nobody else does anything with the object of an export, and
// forgets the export when fn says so. It reports false, and runs nothing, when the export
// is not known.
func (db *DB) InExport(ctx context.Context, account int32, id schemas.ImportID, fn func() (forget bool, err error)) (known bool, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select true from bateia.exports where account_id = $1 and export_id = $2 for update", account, id).Scan(&known)
		if errors.Is(err, pgx.ErrNoRows) {
			known = false
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock export: %w", err)
		}
		forget, err := fn()
		if err != nil || !forget {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from bateia.exports where account_id = $1 and export_id = $2", account, id); err != nil {
			return fmt.Errorf("forget export: %w", err)
		}
		return nil
	})
	return known, err
}
