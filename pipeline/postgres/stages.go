package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/stage_start.sql
var stageStartSQL string

//go:embed sql/stage_finish.sql
var stageFinishSQL string

// StartStage records that a stage of the claim's attempt began.
func (db *DB) StartStage(ctx context.Context, c Claim, stage string) error {
	return db.InAccount(ctx, c.Account, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, stageStartSQL, c.Account, c.ImportID, stage, c.Epoch); err != nil {
			return fmt.Errorf("record stage: %w", err)
		}
		return nil
	})
}

// StageProgress records how far a running stage is.
func (db *DB) StageProgress(ctx context.Context, c Claim, stage string, rows, bytes int64) error {
	return db.InAccount(ctx, c.Account, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update bateia.import_stages set rows = $5, bytes = $6 where account_id = $1 and import_id = $2 and stage = $3 and attempt = $4 and finished_at is null",
			c.Account, c.ImportID, stage, c.Epoch, rows, bytes)
		if err != nil {
			return fmt.Errorf("record progress: %w", err)
		}
		return nil
	})
}

// FinishStage records how long a stage took over how much.
func (db *DB) FinishStage(ctx context.Context, c Claim, t schemas.StageTime) error {
	return db.InAccount(ctx, c.Account, func(tx pgx.Tx) error { return finishStage(ctx, tx, c, t) })
}

func finishStage(ctx context.Context, tx pgx.Tx, c Claim, t schemas.StageTime) error {
	if _, err := tx.Exec(ctx, stageFinishSQL, c.Account, c.ImportID, t.Name, c.Epoch, t.Seconds, t.Rows, t.Bytes); err != nil {
		return fmt.Errorf("record stage: %w", err)
	}
	return nil
}
