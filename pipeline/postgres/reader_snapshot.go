package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// ReadFunc reads one statement to its end, as Read of a Reader does.
type ReadFunc func(q Query, head func([]Column) error, row func([]Cell) error) error

// Snapshot runs do with a function that reads: all its statements see the base at
// one moment, so that their figures agree with each other. Each has a time limit
// of its own.
func (r *Reader) Snapshot(ctx context.Context, do func(read ReadFunc) error) error {
	tx, err := r.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return queryError(ctx, err)
	}
	err = do(func(q Query, head func([]Column) error, row func([]Cell) error) error {
		if q.Timeout <= 0 {
			q.Timeout = defaultQueryTimeout
		}
		_, err := r.rows(ctx, func() {}, tx, q, head, func(cells []Cell) (bool, error) { return true, row(cells) })
		return err
	})
	// A connection that broke has no transaction to end.
	rolled := tx.Rollback(context.WithoutCancel(ctx))
	if err == nil && rolled != nil && !errors.Is(rolled, pgx.ErrTxClosed) {
		return queryError(ctx, rolled)
	}
	return err
}
