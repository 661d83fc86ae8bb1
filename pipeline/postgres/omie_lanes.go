package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Lanes stores what all callers of Omie remember together (omie.Lanes): one row a
// key and method, locked while it is changed. The clock is the database's, so that
// the clocks of machines do not matter.
type Lanes struct{ DB *DB }

// ChangeLane implements omie.Lanes. change is called once for each try of the
// transaction.
func (l Lanes) ChangeLane(ctx context.Context, key, method string, change func(lane []byte, now time.Time) ([]byte, error)) error {
	return l.DB.InTx(ctx, func(tx pgx.Tx) error {
		var lane []byte
		var now time.Time
		const lock = "select lane::text from bateia.omie_lanes where key_hash = $1 and method = $2 for update"
		err := tx.QueryRow(ctx, lock, key, method).Scan(&lane)
		if errors.Is(err, pgx.ErrNoRows) {
			if _, err := tx.Exec(ctx, "insert into bateia.omie_lanes (key_hash, method) values ($1, $2) on conflict do nothing", key, method); err != nil {
				return fmt.Errorf("make lane: %w", err)
			}
			err = tx.QueryRow(ctx, lock, key, method).Scan(&lane)
		}
		if err != nil {
			return fmt.Errorf("lock lane: %w", err)
		}
		// Read once the lock is there: it may have been waited for.
		if err := tx.QueryRow(ctx, "select clock_timestamp()").Scan(&now); err != nil {
			return fmt.Errorf("read clock: %w", err)
		}
		next, err := change(lane, now)
		if err != nil || next == nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update bateia.omie_lanes set lane = $3 where key_hash = $1 and method = $2", key, method, next); err != nil {
			return fmt.Errorf("change lane: %w", err)
		}
		return nil
	})
}

// LanesOf returns what is remembered of a key, by method.
func (l Lanes) LanesOf(ctx context.Context, key string) (map[string][]byte, error) {
	rows, err := l.DB.Pool.Query(ctx, "select method, lane::text from bateia.omie_lanes where key_hash = $1", key)
	if err != nil {
		return nil, StripDetail(fmt.Errorf("read lanes: %w", err))
	}
	out := map[string][]byte{}
	var method string
	var lane []byte
	_, err = pgx.ForEachRow(rows, []any{&method, &lane}, func() error {
		out[method] = append([]byte(nil), lane...)
		return nil
	})
	if err != nil {
		return nil, StripDetail(fmt.Errorf("read lanes: %w", err))
	}
	return out, nil
}
