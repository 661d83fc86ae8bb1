package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

// Owed is one phase of an import that waits for a worker.
type Owed struct {
	Account  int32
	ImportID schemas.ImportID
	Phase    Phase
	Sync     bool // the import reads a connection
}

//go:embed sql/owe.sql
var oweSQL string

//go:embed sql/take_owed.sql
var takeOwedSQL string

//go:embed sql/release_worker.sql
var releaseWorkerSQL string

// Owe makes a phase owed within a transaction, also when it was done, and fences
// whoever works on it. It is due for reconcile after delay.
func Owe(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID, phase Phase, delay time.Duration) error {
	if _, err := tx.Exec(ctx, oweSQL, id, phase, account, delay); err != nil {
		return fmt.Errorf("owe %s of import %s: %w", phase, id, err)
	}
	return nil
}

// TakeOwed returns up to limit phases that are due and have no holder and no
// waiting job, oldest first, and puts off their next reconcile by again. The
// caller inserts their jobs in the same transaction. Two callers at once get
// different phases.
func TakeOwed(ctx context.Context, tx pgx.Tx, limit int, again time.Duration) ([]Owed, error) {
	rows, err := tx.Query(ctx, takeOwedSQL, limit, again)
	if err != nil {
		return nil, fmt.Errorf("find owed work: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Owed])
	if err != nil {
		return nil, fmt.Errorf("find owed work: %w", err)
	}
	return list, nil
}

// RunningWorkers returns the names of the workers that hold claims.
func (db *DB) RunningWorkers(ctx context.Context) ([]string, error) {
	rows, err := db.Pool.Query(ctx, "select distinct worker from bateia.work where state = 'running' and worker is not null")
	if err != nil {
		return nil, StripDetail(fmt.Errorf("find workers: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, StripDetail(fmt.Errorf("find workers: %w", err))
	}
	return list, nil
}

// ReleaseWorker takes back the claims of a worker that is known to be dead, and
// returns how many it held. What it worked on runs alone next time; if it did
// already, the death counts.
func (db *DB) ReleaseWorker(ctx context.Context, worker string) (int64, error) {
	tag, err := db.Pool.Exec(ctx, releaseWorkerSQL, worker)
	if err != nil {
		return 0, StripDetail(fmt.Errorf("release claims of a dead worker: %w", err))
	}
	return tag.RowsAffected(), nil
}
