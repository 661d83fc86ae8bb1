package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bateia/bateia/pipeline"
)

// Schemas of the database.
const (
	Schema      = "bateia"
	RiverSchema = "river"
)

// defaultConns leaves room for River's listener and maintenance beside a few
// imports, each of which holds one connection while it applies.
const defaultConns = 12

// DB is a pool of connections as role bateia_worker. It is safe for concurrent
// use.
type DB struct {
	Pool *pgxpool.Pool
}

// Open prepares the pool and makes one connection, so that a wrong address or
// password is told now. The search path is set to schema bateia; the pool is as
// large as the URL's pool_max_conns says, else 12.
//
// Errors are of kind transient when the server cannot be reached, permanent
// when it refuses; they name host and database, never the password.
func Open(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The driver quotes the URL, and masks passwords only where it finds one.
		return nil, &pipeline.Error{Op: "open database", Kind: pipeline.KindPermanent,
			Err: errors.New("the database URL cannot be read"), Hint: "Check BATEIA_DATABASE_URL."}
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = max(cfg.MaxConns, defaultConns)
	}
	params := cfg.ConnConfig.RuntimeParams
	params["search_path"] = Schema
	if params["application_name"] == "" {
		params["application_name"] = "bateia"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, StripDetail(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, StripDetail(err)
	}
	return &DB{Pool: pool}, nil
}

// Close ends all connections. It waits until each was given back.
func (db *DB) Close() { db.Pool.Close() }

// attempts is how often a transaction runs that ends in a deadlock or a
// serialization failure, or that does not even begin because the pool's
// connections broke while they were idle.
const attempts = 5

// InAccount runs fn in one transaction as the account: row-level security shows
// and takes its rows only. The transaction commits when fn returns nil. On a
// deadlock or serialization failure everything runs again, up to five times in
// all, so fn must not keep anything of an earlier call. Errors went through
// StripDetail.
func (db *DB) InAccount(ctx context.Context, account int32, fn func(tx pgx.Tx) error) error {
	return db.transact(ctx, func(tx pgx.Tx) error { return setAccount(ctx, tx, account) }, fn)
}

// InTx is InAccount without an account: for the tables that have no row-level
// security (accounts, work, scans). Rows of the others are invisible in it.
func (db *DB) InTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return db.transact(ctx, func(pgx.Tx) error { return nil }, fn)
}

func setAccount(ctx context.Context, tx pgx.Tx, account int32) error {
	_, err := tx.Exec(ctx, "select set_config('bateia.account', $1, true)", strconv.Itoa(int(account)))
	return err
}

func (db *DB) transact(ctx context.Context, prepare, fn func(tx pgx.Tx) error) error {
	for n := 1; ; n++ {
		begun := false
		err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
			if err := prepare(tx); err != nil {
				return err
			}
			begun = true
			return fn(tx)
		})
		again := Retryable(err) || (!begun && pipeline.KindOf(StripDetail(err)) == pipeline.KindTransient)
		if err == nil || n == attempts || !again || ctx.Err() != nil {
			return StripDetail(err)
		}
		// Half of the wait is random, so that the two of a deadlock part ways.
		wait := 20 * time.Millisecond << n
		timer := time.NewTimer(wait/2 + rand.N(wait/2))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return StripDetail(err)
		}
	}
}
