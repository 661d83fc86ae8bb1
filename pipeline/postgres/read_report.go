package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/read_state_since.sql
var readStateSinceSQL string

// PhaseDone reports whether nothing of a phase of an import is owed any more.
func (db *DB) PhaseDone(ctx context.Context, id schemas.ImportID, phase Phase) (bool, error) {
	var owed bool
	err := db.Pool.QueryRow(ctx, "select exists (select from bateia.work where import_id = $1 and phase = $2 and state <> 'done')", id, phase).Scan(&owed)
	if err != nil {
		return false, StripDetail(fmt.Errorf("read work on import %s: %w", id, err))
	}
	return !owed, nil
}

// StateSince returns when an import came into the state it is in.
func (db *DB) StateSince(ctx context.Context, i Import) (time.Time, error) {
	if i.FinishedAt != nil {
		return i.FinishedAt.UTC(), nil
	}
	at := i.CreatedAt
	err := db.InAccount(ctx, i.Account, func(tx pgx.Tx) error {
		var told *time.Time
		if err := tx.QueryRow(ctx, readStateSinceSQL, i.Account, i.ID, string(i.State)).Scan(&told); err != nil {
			return fmt.Errorf("read events of import %s: %w", i.ID, err)
		}
		if told != nil {
			at = *told
		}
		return nil
	})
	return at.UTC(), err
}

// SetReport stores where the report of an import lies; feedback is "" when it
// has no rows to correct.
func (db *DB) SetReport(ctx context.Context, account int32, id schemas.ImportID, result, feedback string) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update bateia.imports set result_key = $3, feedback_key = nullif($4, '') where account_id = $1 and import_id = $2",
			account, id, result, feedback)
		if err != nil {
			return fmt.Errorf("store report of import %s: %w", id, err)
		}
		return nil
	})
}
