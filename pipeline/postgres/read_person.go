package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/person_rows.sql
	personRowsSQL string
	//go:embed sql/person_history.sql
	personHistorySQL string
	//go:embed sql/person_merges.sql
	personMergesSQL string
	//go:embed sql/person_decisions.sql
	personDecisionsSQL string
)

// PersonRecord is what is held about a person beside prospects and leads, each thing
// as JSON.
type PersonRecord struct {
	Rows      []json.RawMessage // of files, refused ones too
	History   []json.RawMessage // values of before
	Merges    []json.RawMessage
	Decisions []json.RawMessage
}

// ReadPerson returns what is held about prospects of the account, and about rows of
// imports that named none, in parallel.
func (db *DB) ReadPerson(ctx context.Context, account int32, ids []string, imports []schemas.ImportID, rows []int64) (p PersonRecord, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		for _, part := range []struct {
			into *[]json.RawMessage
			sql  string
			args []any
		}{
			{&p.Rows, personRowsSQL, []any{account, ids, imports, rows}},
			{&p.History, personHistorySQL, []any{account, ids}},
			{&p.Merges, personMergesSQL, []any{account, ids}},
			{&p.Decisions, personDecisionsSQL, []any{account, ids}},
		} {
			found, err := tx.Query(ctx, part.sql, part.args...)
			if err != nil {
				return fmt.Errorf("read person: %w", err)
			}
			list, err := pgx.CollectRows(found, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("read person: %w", err)
			}
			*part.into = []json.RawMessage{}
			for _, text := range list {
				*part.into = append(*part.into, json.RawMessage(text))
			}
		}
		return nil
	})
	return p, err
}
