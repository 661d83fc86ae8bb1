package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/resolve_refused.sql
var resolveRefusedSQL string

//go:embed sql/read_open_refusals.sql
var readOpenRefusalsSQL string

// OpenRefusals is an import with rows that are refused to this day.
type OpenRefusals struct {
	Import   schemas.ImportID
	FileName string
	Reason   string // the code that decided
	Rows     int64
}

// ReadOpenRefusals returns the rows that are refused to this day by the applied
// imports of files, newest first, and by code; of one import when id is not 0.
func (db *DB) ReadOpenRefusals(ctx context.Context, account int32, id schemas.ImportID) ([]OpenRefusals, error) {
	return readAll(ctx, db, account, readOpenRefusalsSQL, id, func(row pgx.CollectableRow) (o OpenRefusals, err error) {
		return o, row.Scan(&o.Import, &o.FileName, &o.Reason, &o.Rows)
	})
}

// ResolveRefused marks, in the transaction that applies a replay, the rows that it
// took as resolved. When other rows are open by now than the replay was planned
// with, another one was faster or was taken back meanwhile: an error of kind stale.
func ResolveRefused(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	planned, code := run.Facts.Replay, ""
	if run.Request.Replay != nil {
		code = run.Request.Replay.Code
	}
	if planned == nil {
		return &pipeline.Error{Op: "resolve refused rows", Kind: pipeline.KindStale, Err: errors.New("the plan does not say which they are")}
	}
	var open, taken int64
	var sum string
	err := tx.QueryRow(ctx, resolveRefusedSQL, run.Account.ID, int64(run.ReplayOf), int64(run.ImportID), code).Scan(&open, &sum, &taken)
	if err != nil {
		return fmt.Errorf("resolve refused rows of %s: %w", run.ReplayOf, err)
	}
	if open != planned.Rows || sum != planned.SHA256 {
		return &pipeline.Error{Op: "resolve refused rows", Kind: pipeline.KindStale, Err: fmt.Errorf("%d are open, planned were %d, or others", open, planned.Rows)}
	}
	l := run.Facts.Ledger
	if loaded := l.Read - l.Rejected - l.Skipped - l.Conflict; taken != loaded {
		return &pipeline.Error{Op: "resolve refused rows", Kind: pipeline.KindPermanent, Code: "INTERNAL",
			Err: fmt.Errorf("%d of %d rows", taken, loaded)}
	}
	return nil
}

// CountRefused returns how many rows of an import are refused to this day, of one
// code or with "" of any.
func (db *DB) CountRefused(ctx context.Context, account int32, id schemas.ImportID, code string) (open int64, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select count(*) from bateia.open_refusals($1, $2, $3)", account, int64(id), code).Scan(&open)
	})
	if err != nil {
		return 0, StripDetail(fmt.Errorf("count refused rows of %s: %w", id, err))
	}
	return open, nil
}
