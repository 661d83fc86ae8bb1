package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/expired_imports.sql
	expiredImportsSQL string
	//go:embed sql/expire_leads.sql
	expireLeadsSQL string
	//go:embed sql/expire_seen.sql
	expireSeenSQL string
	//go:embed sql/history_months.sql
	historyMonthsSQL string
	//go:embed sql/read_later.sql
	readLaterSQL string
	//go:embed sql/expire_month.sql
	expireMonthSQL string
)

// historyOf names the table that a part of the history is in whose leaves may be
// dropped as a whole.
var historyOf = map[string]string{schemas.KeepIssues: "issues", schemas.KeepRows: "row_outcomes", schemas.KeepLeads: "before_images"}

// ExpiredImport is an import a part of whose history is too old.
type ExpiredImport struct {
	ID     schemas.ImportID
	Object schemas.ObjectPin
}

// ExpiredImports returns up to limit imports of the account that ended before a time
// and have a part of their history still.
func (db *DB) ExpiredImports(ctx context.Context, account int32, part string, before time.Time, limit int) (out []ExpiredImport, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, expiredImportsSQL, account, part, before, limit)
		if err != nil {
			return fmt.Errorf("find old imports: %w", err)
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (i ExpiredImport, err error) {
			o := &i.Object
			return i, r.Scan(&i.ID, &o.Bucket, &o.Key, &o.VersionID, &o.ETag)
		})
		return err
	})
	return out, err
}

// Expire deletes a part of the history of imports from the database, and notes it.
// Of leads those go that nobody stands on, with what undo shows and needs.
func (db *DB) Expire(ctx context.Context, account int32, part string, ids []schemas.ImportID) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		var steps []string
		if table := historyOf[part]; table != "" {
			steps = append(steps, "delete from bateia."+pgx.Identifier{table}.Sanitize()+" where account_id = $1 and import_id = any ($2)")
		}
		switch part {
		case schemas.KeepLeads:
			steps = append(steps, expireLeadsSQL, expireSeenSQL)
		case schemas.KeepRows:
			steps = append(steps, "delete from bateia.forgotten_rows where account_id = $1 and import_id = any ($2)")
		}
		for _, sql := range steps {
			if _, err := tx.Exec(ctx, sql, account, ids); err != nil {
				return fmt.Errorf("expire %s: %w", part, err)
			}
		}
		_, err := tx.Exec(ctx, "update bateia.imports set expired = expired || $3::text where account_id = $1 and import_id = any ($2) and $3 <> all (expired)", account, ids, part)
		return err
	})
}

// ReadLater reports whether an import reads an object that is open or ended at or
// after a time.
func (db *DB) ReadLater(ctx context.Context, account int32, o schemas.ObjectPin, before time.Time) (read bool, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, readLaterSQL, account, o.Bucket, o.Key, o.VersionID, o.ETag, before).Scan(&read)
	})
	return read, err
}

// errUndropped ends a transaction that could not drop a month's leaf.
var errUndropped = errors.New("not dropped")

// ExpireMonths drops months of a part of the history as a whole, of those that every
// account is done with, and returns how many. It is much less work than Expire.
func (db *DB) ExpireMonths(ctx context.Context, account int32, part string, before time.Time) (n int, err error) {
	table := historyOf[part]
	if table == "" || part == schemas.KeepLeads { // whose leads go one by one
		return 0, nil
	}
	rows, err := db.Pool.Query(ctx, historyMonthsSQL, table)
	if err != nil {
		return 0, StripDetail(fmt.Errorf("find months: %w", err))
	}
	months, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, StripDetail(fmt.Errorf("find months: %w", err))
	}
	for _, month := range months {
		first, err := time.ParseInLocation("200601", month, time.UTC)
		if err != nil || first.AddDate(0, 1, 0).After(before) {
			continue
		}
		low, high := first.UnixMilli()<<12, first.AddDate(0, 1, 0).UnixMilli()<<12
		err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
			var left, dropped bool
			if err := tx.QueryRow(ctx, expireMonthSQL, account, part, low, high, before).Scan(&left); err != nil {
				return fmt.Errorf("expire month: %w", err)
			}
			if left {
				return errUndropped
			}
			if err := tx.QueryRow(ctx, "select bateia.drop_history($1, $2, $3)", table, month, part).Scan(&dropped); err != nil {
				return fmt.Errorf("drop month: %w", err)
			}
			if !dropped {
				return errUndropped
			}
			return nil
		})
		if errors.Is(err, errUndropped) {
			continue
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// PurgedOn returns the account's day on which its history was looked through last,
// and SetPurged notes it.
func (db *DB) PurgedOn(ctx context.Context, account int32) (day time.Time, err error) {
	var at *time.Time
	err = db.Pool.QueryRow(ctx, "select purged_on from bateia.accounts where account_id = $1", account).Scan(&at)
	if at != nil {
		day = *at
	}
	return day, StripDetail(err)
}

// SetPurged notes the account's day on which its history was looked through.
func (db *DB) SetPurged(ctx context.Context, account int32, day time.Time) error {
	_, err := db.Pool.Exec(ctx, "update bateia.accounts set purged_on = $2 where account_id = $1", account, day)
	return StripDetail(err)
}
