package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/read_record_states.sql
var readRecordStatesSQL string

// MarkRecords fills in which external ids of a prospect are those of records that
// are gone or inactive at their source.
func (db *DB) MarkRecords(ctx context.Context, account int32, p *Prospect) error {
	at := map[string]*Identity{}
	var records []int64
	for i := range p.Identities {
		value := p.Identities[i].Value
		if !strings.HasPrefix(value, "omie:") {
			continue
		}
		if n, err := strconv.ParseInt(value[strings.LastIndexByte(value, ':')+1:], 10, 64); err == nil {
			at[value] = &p.Identities[i]
			records = append(records, n)
		}
	}
	if len(records) == 0 {
		return nil
	}
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, readRecordStatesSQL, account, records)
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		var value string
		var gone, inactive *time.Time
		_, err = pgx.ForEachRow(rows, []any{&value, &gone, &inactive}, func() error {
			if id := at[value]; id != nil {
				id.GoneAt, id.InactiveAt = gone, inactive
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		return nil
	})
}
