package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/schemas"
)

//go:embed sql/see_records.sql
var seeRecordsSQL string

// DueConnections returns up to limit connections that are due, the longest first.
// Whoever starts their syncs locks them first and looks again.
func (db *DB) DueConnections(ctx context.Context, limit int) (list []ConnectionRef, err error) {
	rows, err := db.Pool.Query(ctx, `
select account_id, connection_id from bateia.omie_schedules where due_at <= clock_timestamp() order by due_at limit $1`, limit)
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ConnectionRef])
	}
	if err != nil {
		return nil, StripDetail(fmt.Errorf("find due connections: %w", err))
	}
	return list, nil
}

// ConnectionRef names a connection.
type ConnectionRef struct{ Account, ID int32 }

// Cursor returns what a sync stored of how far it is, nil before the first page.
func (db *DB) Cursor(ctx context.Context, account int32, id schemas.ImportID) (cursor []byte, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select cursor::text from bateia.omie_cursors where account_id = $1 and import_id = $2", account, id).Scan(&cursor)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read cursor: %w", err)
		}
		return nil
	})
	return cursor, err
}

// SaveCursor stores how far a sync is, if its worker still holds the claim.
func (db *DB) SaveCursor(ctx context.Context, c Claim, connection int32, cursor []byte) error {
	return db.InAccount(ctx, c.Account, func(tx pgx.Tx) error {
		if err := Fence(ctx, tx, c); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
insert into bateia.omie_cursors (account_id, import_id, connection_id, cursor) values ($1, $2, $3, $4)
on conflict (account_id, import_id) do update set cursor = excluded.cursor`, c.Account, c.ImportID, connection, cursor)
		if err != nil {
			return fmt.Errorf("store cursor: %w", err)
		}
		return nil
	})
}

// KnownRecord is what is known of a record of a connection.
type KnownRecord struct {
	ID           int64
	DocumentHash int64 // 0 without a document
	Gone         bool
}

// KnownRecords returns the records of a connection, those seen last first, up to
// limit; 0 is all.
func (db *DB) KnownRecords(ctx context.Context, account, connection int32, limit int) (list []KnownRecord, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
select record_id, coalesce(document_hash, 0), source_gone_at is not null from bateia.source_records
 where account_id = $1 and connection_id = $2 order by first_import desc, record_id desc limit nullif($3, 0)`, account, connection, limit)
		if err == nil {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[KnownRecord])
		}
		if err != nil {
			return fmt.Errorf("read known records: %w", err)
		}
		return nil
	})
	return list, err
}

// CountRecords counts the records of each connection of an account that were
// loaded and are not gone, by connection. Those without any are left out.
func (db *DB) CountRecords(ctx context.Context, account int32) (counts map[int32]int64, err error) {
	counts = map[int32]int64{}
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		clear(counts)
		rows, err := tx.Query(ctx, `
select connection_id, count(*) from bateia.source_records where account_id = $1 and source_gone_at is null group by 1`, account)
		if err != nil {
			return fmt.Errorf("count records: %w", err)
		}
		var connection int32
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&connection, &n}, func() error { counts[connection] = n; return nil }); err != nil {
			return fmt.Errorf("count records: %w", err)
		}
		return nil
	})
	return counts, err
}

// SeeRecords notes what a sync loaded, within the transaction that applies it:
// records that are new, that are there again, inactive, or active again.
func SeeRecords(ctx context.Context, tx pgx.Tx, c schemas.Connection, id schemas.ImportID, at time.Time, list []schemas.SeenRecord) error {
	const chunk = 20_000
	for len(list) > 0 {
		n := min(chunk, len(list))
		data, err := json.Marshal(list[:n])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, seeRecordsSQL, c.Account, c.ID, id, at, data); err != nil {
			return fmt.Errorf("note records: %w", err)
		}
		list = list[n:]
	}
	return nil
}

// LoseRecords notes that records disappeared at their source.
func LoseRecords(ctx context.Context, tx pgx.Tx, c schemas.Connection, id schemas.ImportID, at time.Time, gone []int64) error {
	_, err := tx.Exec(ctx, `
update bateia.source_records set source_gone_at = $4, gone_import = $3
 where account_id = $1 and connection_id = $2 and record_id = any($5) and source_gone_at is null`, c.Account, c.ID, id, at, gone)
	if err != nil {
		return fmt.Errorf("note records that are gone: %w", err)
	}
	return nil
}

// ForgetSync takes back what a sync noted, within the transaction that undoes it.
func ForgetSync(ctx context.Context, tx pgx.Tx, c schemas.Connection, id schemas.ImportID) error {
	for _, query := range []string{
		"delete from bateia.source_records where account_id = $1 and connection_id = $2 and first_import = $3",
		"update bateia.source_records set source_gone_at = null, gone_import = null where account_id = $1 and connection_id = $2 and gone_import = $3",
	} {
		if _, err := tx.Exec(ctx, query, c.Account, c.ID, id); err != nil {
			return fmt.Errorf("forget records: %w", err)
		}
	}
	return nil
}

// Signal is a webhook's message: a record changed, or is gone.
type Signal struct {
	MessageID string
	Record    int64
	Deleted   bool
}

// AddSignal stores a signal; false when the message came before.
func (db *DB) AddSignal(ctx context.Context, account, connection int32, s Signal) (added bool, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
insert into bateia.omie_signals (account_id, connection_id, message_id, record_id, deleted) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			account, connection, s.MessageID, s.Record, s.Deleted)
		if err != nil {
			return fmt.Errorf("store signal: %w", err)
		}
		if added = tag.RowsAffected() > 0; !added {
			return nil
		}
		// Due after a moment, so that what comes together is read together.
		_, err = tx.Exec(ctx, `
update bateia.omie_schedules set due_at = least(due_at, clock_timestamp() + interval '1 second')
 where connection_id = $1 and due_at is not null`, connection)
		if err != nil {
			return fmt.Errorf("make connection due: %w", err)
		}
		return nil
	})
	return added, err
}

// TakeSignals gives the signals of a connection that no sync has taken up to an
// import, and returns which records they name.
func TakeSignals(ctx context.Context, tx pgx.Tx, c schemas.Connection, id schemas.ImportID, limit int) ([]int64, error) {
	rows, err := tx.Query(ctx, `
with taken as (
  select message_id from bateia.omie_signals
   where account_id = $1 and connection_id = $2 and import_id is null order by received_at limit $4 for update)
update bateia.omie_signals s set import_id = $3 from taken t
 where s.account_id = $1 and s.connection_id = $2 and s.message_id = t.message_id
returning s.record_id`, c.Account, c.ID, id, limit)
	if err != nil {
		return nil, fmt.Errorf("take signals: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("take signals: %w", err)
	}
	return ids, nil
}

// ReturnSignals makes signals wait again whose sync ended without being applied.
func ReturnSignals(ctx context.Context, tx pgx.Tx, c schemas.Connection) error {
	_, err := tx.Exec(ctx, `
update bateia.omie_signals s set import_id = null from bateia.imports i
 where s.account_id = $1 and s.connection_id = $2 and i.account_id = $1 and i.import_id = s.import_id and i.state in ('failed', 'rejected', 'canceled')`, c.Account, c.ID)
	if err != nil {
		return fmt.Errorf("return signals: %w", err)
	}
	return nil
}

// SignalsWait reports whether there are signals that no sync has taken up.
func SignalsWait(ctx context.Context, tx pgx.Tx, c schemas.Connection) (some bool, err error) {
	err = tx.QueryRow(ctx, `
select exists (select from bateia.omie_signals where account_id = $1 and connection_id = $2 and import_id is null)`, c.Account, c.ID).Scan(&some)
	if err != nil {
		return false, fmt.Errorf("look for signals: %w", err)
	}
	return some, nil
}

// ForgetSignals deletes signals that were taken up and came longer ago.
func (db *DB) ForgetSignals(ctx context.Context, account int32, age time.Duration) error {
	return db.InAccount(ctx, account, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from bateia.omie_signals where account_id = $1 and import_id is not null and received_at < now() - $2::interval", account, age)
		if err != nil {
			return fmt.Errorf("forget signals: %w", err)
		}
		return nil
	})
}

// Sync is an import that reads a connection.
type Sync struct {
	ID      schemas.ImportID // 0 when there is none
	State   schemas.State
	Code    string               // why it failed, "" otherwise
	Request *schemas.SyncRequest // nil when the import is no sync
}

// LastSync returns the last sync of a connection.
func LastSync(ctx context.Context, tx pgx.Tx, c schemas.Connection) (Sync, error) {
	return SyncOf(ctx, tx, c.Account, c.Import)
}

// SyncOf returns an import as a sync; the zero Sync when there is none of that id.
func SyncOf(ctx context.Context, tx pgx.Tx, account int32, id schemas.ImportID) (s Sync, err error) {
	var request []byte
	err = tx.QueryRow(ctx, "select import_id, state, coalesce(code, ''), request::text from bateia.imports where account_id = $1 and import_id = $2",
		account, id).Scan(&s.ID, &s.State, &s.Code, &request)
	if errors.Is(err, pgx.ErrNoRows) {
		return Sync{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("read sync: %w", err)
	}
	var r schemas.Request
	if err := json.Unmarshal(request, &r); err != nil {
		return s, fmt.Errorf("read request of sync: %w", err)
	}
	s.Request = r.Sync
	return s, nil
}

// AdoptCursor lets a new sync go on where another one failed, if that began to read
// its list no longer ago than age; false when it did, or had stored nothing.
func AdoptCursor(ctx context.Context, tx pgx.Tx, account int32, from, to schemas.ImportID, age time.Duration) (bool, error) {
	tag, err := tx.Exec(ctx, `
insert into bateia.omie_cursors (account_id, import_id, connection_id, cursor)
select account_id, $3, connection_id, cursor || '{"adopted": true}' from bateia.omie_cursors
 where account_id = $1 and import_id = $2 and cursor ->> 'step' <> 'done' and (cursor ->> 'began')::timestamptz > now() - $4::interval
on conflict do nothing`, account, from, to, age)
	if err != nil {
		return false, fmt.Errorf("take over cursor: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// DrawImportID is NewImportID within a transaction.
func DrawImportID(ctx context.Context, tx pgx.Tx) (id schemas.ImportID, err error) {
	if err := tx.QueryRow(ctx, "select bateia.new_import_id()").Scan(&id); err != nil {
		return 0, fmt.Errorf("draw import id: %w", err)
	}
	return id, nil
}
