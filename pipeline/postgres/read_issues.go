package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/read_issues.sql
var readIssuesSQL string

//go:embed sql/read_outcomes.sql
var readOutcomesSQL string

// Issue is one issue of an import with its position; what does not apply is nil.
type Issue struct {
	Row        *int64
	Line       *int64
	SheetRow   *int64
	ByteOffset *int64
	SourceRef  *string
	Column     *string
	Field      *string
	Severity   schemas.Severity
	Code       string
	Value      *string // of a cell, cut at 200 runes
	Shape      *string
}

// RowOutcome is a row that became no lead.
type RowOutcome struct {
	Row        int64
	Line       int64
	SheetRow   int64 // what the source calls the row when that is no file
	ByteOffset int64
	ByteLength int64
	Outcome    schemas.Outcome
	Reason     string
	Codes      []string
	ProspectID string // "" when it has none
	Resolved   bool   // a later import took it
}

// ReadIssues streams the issues of an applied import in their order; severity
// and code "" mean any. The sequence ends after its first error.
func (db *DB) ReadIssues(ctx context.Context, account int32, id schemas.ImportID, severity, code string) iter.Seq2[Issue, error] {
	return stream(ctx, db, account, readIssuesSQL, func(row pgx.CollectableRow) (i Issue, err error) {
		return i, row.Scan(&i.Row, &i.Line, &i.SheetRow, &i.ByteOffset, &i.SourceRef, &i.Column, &i.Field,
			&i.Severity, &i.Code, &i.Value, &i.Shape)
	}, account, id, given(severity), given(code))
}

// ReadOutcomes streams the rows of an applied import that became no lead, in
// file order. The sequence ends after its first error.
func (db *DB) ReadOutcomes(ctx context.Context, account int32, id schemas.ImportID) iter.Seq2[RowOutcome, error] {
	return stream(ctx, db, account, readOutcomesSQL, func(row pgx.CollectableRow) (o RowOutcome, err error) {
		return o, row.Scan(&o.Row, &o.Line, &o.SheetRow, &o.ByteOffset, &o.ByteLength, &o.Outcome, &o.Reason, &o.Codes, &o.ProspectID, &o.Resolved)
	}, account, id)
}

// stream hands on the rows of a query one by one, in a transaction of the
// account that is open for as long as they are read. It runs once: what was
// handed on cannot be taken back.
func stream[T any](ctx context.Context, db *DB, account int32, sql string, scan pgx.RowToFunc[T], args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		err := pgx.BeginTxFunc(ctx, db.Pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if err := setAccount(ctx, tx, account); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				v, err := scan(rows)
				if err != nil {
					return err
				}
				if !yield(v, nil) {
					yield = nil
					return nil
				}
			}
			return rows.Err()
		})
		if err != nil && yield != nil {
			yield(none, StripDetail(fmt.Errorf("read rows: %w", err)))
		}
	}
}
