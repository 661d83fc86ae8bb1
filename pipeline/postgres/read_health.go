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

//go:embed sql/read_import_states.sql
var readImportStatesSQL string

//go:embed sql/read_stage_sums.sql
var readStageSumsSQL string

//go:embed sql/read_connection_states.sql
var readConnectionStatesSQL string

//go:embed sql/read_queues.sql
var readQueuesSQL string

//go:embed sql/read_scan.sql
var readScanSQL string

//go:embed sql/read_attention.sql
var readAttentionSQL string

// Health is what operators watch, over all accounts. It names nobody.
type Health struct {
	States map[string]StateCount // by schemas.State, and "held"
	Stages map[string]StageSum
	Queues []QueueDepth
	// Connections are those to Omie, whatever their state.
	Connections []ConnectionHealth
	// Scanned is when the last finished scan of the bucket began, zero before
	// the first one.
	Scanned time.Time
}

// StateCount counts imports of one state.
type StateCount struct {
	Imports int64
	Oldest  time.Time // when the oldest one was registered
}

// StageSum adds up the runs of one stage.
type StageSum struct {
	Runs    int64
	Seconds float64
	Rows    int64
}

// ConnectionHealth is how a connection is.
type ConnectionHealth struct {
	Account     int32
	ID          int32
	State       string    // one of schemas.Connection's
	LastSuccess time.Time // zero before the first
}

// QueueDepth counts jobs that are not over.
type QueueDepth struct {
	Queue, State string
	Jobs         int64
}

// Attention is an import that somebody should look at.
type Attention struct {
	ID        schemas.ImportID
	Account   schemas.Account
	FileName  string // or the connection that it reads
	State     schemas.State
	Held      bool
	Code      string
	CreatedAt time.Time
}

// ReadHealth counts imports, stages and jobs, account by account.
func (db *DB) ReadHealth(ctx context.Context, bucket string) (Health, error) {
	h := Health{States: map[string]StateCount{}, Stages: map[string]StageSum{}}
	accounts, err := db.Accounts(ctx)
	if err != nil {
		return h, err
	}
	for _, a := range accounts {
		if err := db.addHealth(ctx, a.ID, &h); err != nil {
			return h, err
		}
	}
	rows, err := db.Pool.Query(ctx, readQueuesSQL)
	if err != nil {
		return h, StripDetail(fmt.Errorf("read queues: %w", err))
	}
	if h.Queues, err = pgx.CollectRows(rows, pgx.RowToStructByPos[QueueDepth]); err != nil {
		return h, StripDetail(fmt.Errorf("read queues: %w", err))
	}
	h.Scanned, err = db.LastScan(ctx, bucket)
	return h, err
}

// LastScan returns when the last finished scan of a bucket began, zero before
// the first one.
func (db *DB) LastScan(ctx context.Context, bucket string) (time.Time, error) {
	var began *time.Time
	err := db.Pool.QueryRow(ctx, readScanSQL, bucket).Scan(&began)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, StripDetail(fmt.Errorf("read scans: %w", err))
	}
	if began == nil {
		return time.Time{}, nil
	}
	return began.UTC(), nil
}

func (db *DB) addHealth(ctx context.Context, account int32, h *Health) error {
	type state struct {
		name   string
		count  int64
		oldest time.Time
	}
	type stage struct {
		name string
		sum  StageSum
	}
	var states []state
	var stages []stage
	var connections []ConnectionHealth
	err := db.InAccount(ctx, account, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, readImportStatesSQL, account)
		if err != nil {
			return fmt.Errorf("count imports: %w", err)
		}
		states, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s state, err error) {
			return s, row.Scan(&s.name, &s.count, &s.oldest)
		})
		if err != nil {
			return fmt.Errorf("count imports: %w", err)
		}
		if rows, err = tx.Query(ctx, readStageSumsSQL, account); err != nil {
			return fmt.Errorf("add up stages: %w", err)
		}
		stages, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s stage, err error) {
			return s, row.Scan(&s.name, &s.sum.Runs, &s.sum.Seconds, &s.sum.Rows)
		})
		if err != nil {
			return fmt.Errorf("add up stages: %w", err)
		}
		connections, err = connectionStates(ctx, tx, account)
		return err
	})
	h.Connections = append(h.Connections, connections...)
	for _, s := range states {
		c := h.States[s.name]
		if c.Imports == 0 || s.oldest.Before(c.Oldest) {
			c.Oldest = s.oldest
		}
		c.Imports += s.count
		h.States[s.name] = c
	}
	for _, s := range stages {
		c := h.Stages[s.name]
		h.Stages[s.name] = StageSum{c.Runs + s.sum.Runs, c.Seconds + s.sum.Seconds, c.Rows + s.sum.Rows}
	}
	return err
}

func connectionStates(ctx context.Context, tx pgx.Tx, account int32) ([]ConnectionHealth, error) {
	rows, err := tx.Query(ctx, readConnectionStatesSQL, account)
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ConnectionHealth, error) {
		c := ConnectionHealth{Account: account}
		var success *time.Time
		err := row.Scan(&c.ID, &c.State, &success)
		if success != nil {
			c.LastSuccess = success.UTC()
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	return list, nil
}

// ReadAttention returns the imports of all accounts that are held, that failed
// in the last week, and that were registered longer than late ago and have not
// come to an end.
func (db *DB) ReadAttention(ctx context.Context, late time.Duration) ([]Attention, error) {
	accounts, err := db.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []Attention
	for _, a := range accounts {
		var found []Attention
		err := db.InAccount(ctx, a.ID, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, readAttentionSQL, a.ID, late)
			if err != nil {
				return fmt.Errorf("find imports: %w", err)
			}
			found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Attention, error) {
				i := Attention{Account: a}
				return i, row.Scan(&i.ID, &i.FileName, &i.State, &i.Held, &i.Code, &i.CreatedAt)
			})
			if err != nil {
				return fmt.Errorf("find imports: %w", err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
