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

//go:embed sql/read_connections.sql
var readConnectionsSQL string

//go:embed sql/change_connection.sql
var changeConnectionSQL string

// Connections returns the connections of an account by name.
func (db *DB) Connections(ctx context.Context, account int32) (out []schemas.Connection, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		out, err = readConnections(ctx, tx, account, nil, nil, false)
		return err
	})
	return out, err
}

// Connection returns a connection by its name, whatever its case; ErrNotFound when
// the account has none of that name.
func (db *DB) Connection(ctx context.Context, account int32, name string) (c schemas.Connection, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		folded := schemas.FoldLabel(name)
		c, err = oneConnection(ctx, tx, account, nil, &folded, false)
		return err
	})
	return c, err
}

// ConnectionByID returns a connection by its id, ErrNotFound when the account has
// no such.
func (db *DB) ConnectionByID(ctx context.Context, account, id int32) (c schemas.Connection, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		c, err = oneConnection(ctx, tx, account, &id, nil, false)
		return err
	})
	return c, err
}

// FindConnection returns account and id of a connection by its id or name: for who
// knows no account. ErrNotFound when there is none, or several have that name.
func (db *DB) FindConnection(ctx context.Context, ref string) (account, id int32, err error) {
	err = db.Pool.QueryRow(ctx, `
select min(account_id), min(connection_id) from bateia.omie_schedules
 where connection_id::text = $1 or folded = $2 having count(*) = 1`, ref, schemas.FoldLabel(ref)).Scan(&account, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return 0, 0, StripDetail(fmt.Errorf("find connection: %w", err))
	}
	return account, id, nil
}

// Connect makes a connection of that name, or changes the one there is. change is
// called with what there is, of which only ID, Account and Name are set when it is
// new; the connection is locked meanwhile. An error of change is returned as it is,
// and nothing is written; change may be called again.
func (db *DB) Connect(ctx context.Context, account int32, name string, change func(*schemas.Connection) error) (c schemas.Connection, err error) {
	err = db.InAccount(ctx, account, func(tx pgx.Tx) error {
		folded := schemas.FoldLabel(name)
		_, err := tx.Exec(ctx, `
insert into bateia.connections (account_id, name, folded, app_key, sealed, state) values ($1, $2, $3, '', '', 'disconnected') on conflict do nothing`, account, name, folded)
		if err != nil {
			return fmt.Errorf("make connection: %w", err)
		}
		c, err = oneConnection(ctx, tx, account, nil, &folded, true)
		if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		return ChangeConnection(ctx, tx, c)
	})
	return c, err
}

// LockConnection returns a connection and keeps it from being changed until the
// transaction ends; ErrNotFound when the account has no such.
func LockConnection(ctx context.Context, tx pgx.Tx, account, id int32) (schemas.Connection, error) {
	return oneConnection(ctx, tx, account, &id, nil, true)
}

// ChangeConnection writes everything of a connection that was locked, but its name.
func ChangeConnection(ctx context.Context, tx pgx.Tx, c schemas.Connection) error {
	settings, err := jsonb(c.Settings)
	if err != nil {
		return err
	}
	sellers, err := jsonb(c.Sellers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, changeConnectionSQL, c.Account, c.ID, c.AppKey, c.Sealed, c.State, c.Code, settings, optionalTime(c.Watermark),
		optionalTime(c.LastSuccess), optionalTime(c.LastFull), c.EmptyRuns, c.Runs, sellers, optional(c.Import), c.Told, optionalTime(c.Due), optionalTime(c.NextRun))
	if err != nil {
		return fmt.Errorf("change connection: %w", err)
	}
	return nil
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func oneConnection(ctx context.Context, tx pgx.Tx, account int32, id *int32, folded *string, lock bool) (schemas.Connection, error) {
	list, err := readConnections(ctx, tx, account, id, folded, lock)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("find connection: %w", ErrNotFound)
	}
	if err != nil {
		return schemas.Connection{}, err
	}
	return list[0], nil
}

func readConnections(ctx context.Context, tx pgx.Tx, account int32, id *int32, folded *string, lock bool) ([]schemas.Connection, error) {
	query := readConnectionsSQL
	if lock {
		query += " for update of c"
	}
	rows, err := tx.Query(ctx, query, account, id, folded)
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c schemas.Connection, err error) {
		var settings, sellers []byte
		var watermark, next, success, full, due *time.Time
		err = row.Scan(&c.ID, &c.Account, &c.Name, &c.AppKey, &c.Sealed, &c.State, &c.Code, &settings, &watermark, &next, &success, &full,
			&c.EmptyRuns, &c.Runs, &sellers, &c.Import, &c.Told, &c.CreatedAt, &due)
		if err != nil {
			return c, fmt.Errorf("read connection: %w", err)
		}
		for to, from := range map[*time.Time]*time.Time{&c.Watermark: watermark, &c.NextRun: next, &c.LastSuccess: success, &c.LastFull: full, &c.Due: due} {
			if from != nil {
				*to = from.UTC()
			}
		}
		c.CreatedAt = c.CreatedAt.UTC()
		if err := json.Unmarshal(settings, &c.Settings); err != nil {
			return c, fmt.Errorf("read settings of connection: %w", err)
		}
		return c, json.Unmarshal(sellers, &c.Sellers)
	})
}
