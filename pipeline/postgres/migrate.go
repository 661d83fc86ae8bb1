package postgres

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

//go:embed sql/schemas.sql
var schemasSQL string

//go:embed sql/grants.sql
var grantsSQL string

// MigrateOptions are the settings of Migrate.
type MigrateOptions struct {
	// WorkerPassword is set for role bateia_worker, printable ASCII only. Empty
	// leaves the role's password as it is.
	WorkerPassword string
	// Log hears of every migration that ran. Nil means silence.
	Log *slog.Logger
}

// migrateLock is the advisory lock of a database while it is migrated.
const migrateLock = 0x626174656961 // "bateia"

// versionTable is where goose keeps what ran.
const versionTable = Schema + ".schema_versions"

// Migrate brings the database to this program's schema: the three roles, the
// migrations of package schemas and those of River. adminURL is a superuser, or
// a user with CREATEROLE who owns the database. It may be called again and by
// several at once: they take turns, and those who find nothing to do do nothing.
func Migrate(ctx context.Context, adminURL string, o MigrateOptions) error {
	cfg, err := pgx.ParseConfig(adminURL)
	if err != nil {
		return &pipeline.Error{Op: "migrate database", Kind: pipeline.KindPermanent,
			Err: errors.New("the admin database URL cannot be read"), Hint: "Check BATEIA_ADMIN_DATABASE_URL."}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	cfg.RuntimeParams["application_name"] = "bateia migrate"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return StripDetail(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // ends the lock too
	return StripDetail(migrate(ctx, conn, cfg, o))
}

func migrate(ctx context.Context, conn *pgx.Conn, cfg *pgx.ConnConfig, o MigrateOptions) error {
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	if err := ensureRoles(ctx, conn, o.WorkerPassword); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "set role "+RoleOwner); err != nil {
		return fmt.Errorf("act as %s: %w", RoleOwner, err)
	}
	if _, err := conn.Exec(ctx, schemasSQL); err != nil {
		return fmt.Errorf("make schemas: %w", err)
	}
	if err := migrateOwn(ctx, cfg, o.Log); err != nil {
		return fmt.Errorf("migrate schema %s: %w", Schema, err)
	}
	if err := writeCodeTexts(ctx, conn); err != nil {
		return fmt.Errorf("write texts of codes: %w", err)
	}
	if err := migrateRiver(ctx, cfg, o.Log); err != nil {
		return fmt.Errorf("migrate schema %s: %w", RiverSchema, err)
	}
	if _, err := conn.Exec(ctx, grantsSQL); err != nil {
		return fmt.Errorf("grant to %s: %w", RoleWorker, err)
	}
	return nil
}

// writeCodeTexts puts the catalogue of codes where the views for analysts find
// it, in every language. Those of codes that are no more stay: old issues still
// carry them.
func writeCodeTexts(ctx context.Context, conn *pgx.Conn) error {
	batch := &pgx.Batch{}
	for _, code := range schemas.Codes() {
		for _, locale := range schemas.Locales {
			batch.Queue(`
insert into bateia.code_texts (code, locale, sentence, remedy) values ($1, $2, $3, $4)
on conflict (code, locale) do update set sentence = excluded.sentence, remedy = excluded.remedy`,
				code.Name, locale, schemas.Sentence(code.Name, locale), schemas.Remedy(code.Name, locale))
		}
	}
	return conn.SendBatch(ctx, batch).Close()
}

// asOwner makes every statement of a connection one of the owner's.
func asOwner(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "set role "+RoleOwner)
	return err
}

func migrateOwn(ctx context.Context, cfg *pgx.ConnConfig, log *slog.Logger) error {
	files, err := fs.Sub(schemas.Migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(asOwner))
	defer db.Close()
	p, err := newProvider(db, files, log)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func newProvider(db *sql.DB, files fs.FS, log *slog.Logger) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(versionTable),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(log))
}

func migrateRiver(ctx context.Context, cfg *pgx.ConnConfig, log *slog.Logger) error {
	pc, err := pgxpool.ParseConfig("")
	if err != nil {
		return err
	}
	pc.ConnConfig, pc.AfterConnect = cfg, asOwner
	pc.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return err
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema, Logger: log})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Pending returns how many of the program's own migrations the database lacks,
// for health checks. A database that was never migrated is an error.
func (db *DB) Pending(ctx context.Context) (int, error) {
	files, err := fs.Glob(schemas.Migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	var done int
	err = db.Pool.QueryRow(ctx, "select count(*) from "+versionTable+" where version_id > 0 and is_applied").Scan(&done)
	if err != nil {
		return 0, StripDetail(fmt.Errorf("read schema version: %w", err))
	}
	return max(0, len(files)-done), nil
}
