// Package app puts the program together: settings become a stack, a database,
// an object store and, where one is wanted, a worker.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bateia/bateia/cmd/internal/config"
	"github.com/bateia/bateia/cmd/internal/embedded"
	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// openTimeout bounds how long a service may take to answer at all.
const openTimeout = 30 * time.Second

// RoleWorker is the role of a worker beside given services.
const RoleWorker = "worker"

// Options say what a command needs.
type Options struct {
	// Role is the name of the command; embedded.RoleUp for one that stays.
	Role string
	// OwnOnly and AttachOnly are those of embedded.Options.
	OwnOnly, AttachOnly bool
	// Starting is called before an embedded stack is started. May be nil.
	Starting func()
	Log      *slog.Logger
}

// App is an assembled program. Close must be called.
type App struct {
	Config config.Config
	// Stack is nil when database and bucket were given.
	Stack *embedded.Stack
	DB    *postgres.DB
	Store *objstore.Store
	Log   *slog.Logger

	worker *Worker
	stays  bool // it is there to work: told to stop, it finishes what it does
	hurry  bool
}

// Open connects to the given services, or to the embedded stack, which it
// starts when it is not running.
func Open(ctx context.Context, cfg config.Config, o Options) (_ *App, err error) {
	a := &App{Config: cfg, Log: o.Log, stays: o.Role == embedded.RoleUp || o.Role == RoleWorker}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.end())
		}
	}()
	database, store := cfg.DatabaseURL, storeConfig(cfg)
	if cfg.Embedded() {
		a.Stack, err = embedded.Open(ctx, embedded.Options{
			Dir: cfg.DataDir, Role: o.Role, OwnOnly: o.OwnOnly, AttachOnly: o.AttachOnly, Starting: o.Starting, Log: a.Log,
		})
		if err != nil {
			return nil, err
		}
		database, store = a.Stack.WorkerURL, a.Stack.S3()
	}
	if a.Store, err = objstore.Open(ctx, store); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if a.DB, err = postgres.Open(ctx, database); err != nil {
		return nil, err
	}
	return a, a.checkSchema(ctx)
}

// OpenStore opens the bucket that is configured, for commands that need nothing else.
func OpenStore(ctx context.Context, cfg config.Config) (*objstore.Store, error) {
	return objstore.Open(ctx, storeConfig(cfg))
}

func storeConfig(cfg config.Config) objstore.Config {
	return objstore.Config{
		Endpoint: cfg.S3Endpoint, Region: cfg.S3Region, Bucket: cfg.S3Bucket,
		AccessKeyID: cfg.S3AccessKeyID, SecretAccessKey: cfg.S3SecretKey,
	}
}

// checkSchema refuses to work on a database that lacks migrations.
func (a *App) checkSchema(ctx context.Context) error {
	pending, err := a.DB.Pending(ctx)
	switch state := postgres.SQLState(err); {
	case state == "42P01", state == "3F000", state == "42501":
		pending, err = 1, nil // never migrated, or not by this program
	case err != nil:
		return err
	}
	if pending == 0 {
		return nil
	}
	return &pipeline.Error{Op: "open database", Kind: pipeline.KindPermanent, Err: errors.New("its schema is older than this program"),
		Hint: "Run “bateia migrate” with BATEIA_ADMIN_DATABASE_URL set to the owner."}
}

// ScratchDir is where worksets lie: as configured, in the data directory, or in
// a folder of the system's own for temporary files.
func (a *App) ScratchDir() string {
	switch {
	case a.Config.ScratchDir != "":
		return a.Config.ScratchDir
	case a.Stack != nil:
		return a.Stack.Scratch()
	}
	return os.TempDir()
}

// WorkDir is where attempts at imports work, and all that handles their rows: what a
// process leaves there that dies is purged.
func (a *App) WorkDir() string {
	if a.Config.ScratchDir == "" && a.Stack != nil {
		return WorkDirIn(a.Stack.Scratch())
	}
	return WorkDirIn(a.Config.ScratchDir)
}

// WorkDirIn is WorkDir in a scratch folder; "" is the system's own for temporary files,
// where every user has another one.
func WorkDirIn(scratch string) string {
	if scratch == "" {
		return filepath.Join(os.TempDir(), fmt.Sprintf("bateia-%d", os.Getuid()))
	}
	return filepath.Join(scratch, "bateia")
}

// Scratch makes a folder in WorkDir, see jobs.MakeScratch.
func (a *App) Scratch(id schemas.ImportID, what string) (string, error) {
	return jobs.MakeScratch(a.WorkDir(), id, what)
}

// ScanEvery is how often the bucket is scanned when nothing tells of drops.
func (a *App) ScanEvery() time.Duration {
	switch {
	case a.Config.ScanEvery > 0:
		return a.Config.ScanEvery
	case a.Stack != nil:
		return 2 * time.Second
	}
	return time.Minute
}

// Close ends the worker and the connections. The owner of an embedded stack
// waits until no other process uses it, unless it is embedded.RoleUp or ctx is
// over, and stops it. waiting is called when that is not at once. When ctx of a
// command is over, its worker's jobs are canceled; they go on later, elsewhere.
func (a *App) Close(ctx context.Context, waiting func()) error {
	a.hurry = ctx.Err() != nil && !a.stays
	if a.Stack != nil && a.Stack.Owner && a.Stack.Role != embedded.RoleUp && ctx.Err() == nil {
		// The worker goes on meanwhile: the others may be waiting for it.
		if err := a.Stack.WaitForUsers(ctx, waiting); err != nil && ctx.Err() == nil {
			return errors.Join(err, a.end())
		}
	}
	return a.end()
}

func (a *App) end() error {
	var err error
	if a.worker != nil {
		err = a.worker.stop(a.hurry)
	}
	if a.DB != nil {
		a.DB.Close()
	}
	if a.Stack != nil {
		if failed := a.Stack.Close(); failed != nil {
			err = errors.Join(err, fmt.Errorf("stop the stack: %w", failed))
		}
	}
	return err
}
