package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/jobs"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

// softStop is how long running jobs may go on after the end was asked for, and
// giveBack how long they get after it to give their claims back.
const (
	softStop = 20 * time.Second
	giveBack = 15 * time.Second
)

// WorkerOptions say how a worker works.
type WorkerOptions struct {
	Workers int    // imports at once, default 2
	Version string // of the program, for the manifests of plans
	// SoftStop is how long running jobs may go on after the end was asked for,
	// default 20 s.
	SoftStop time.Duration
	Log      *slog.Logger // default that of the App
}

// Worker is a running worker.
type Worker struct {
	service *jobs.Service
	cancel  context.CancelFunc // of what drops started
	within  time.Duration      // that it stops
}

// StartWorker begins to work on what is owed. Close ends it.
func (a *App) StartWorker(ctx context.Context, o WorkerOptions) error {
	if a.worker != nil {
		return errors.New("start worker: it runs already")
	}
	if o.Log == nil {
		o.Log = a.Log
	}
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.SoftStop <= 0 {
		o.SoftStop = softStop
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	service, err := jobs.New(a.jobsConfig(o))
	if err == nil {
		err = service.Start(ctx)
	}
	if err != nil {
		cancel()
		return err
	}
	a.worker = &Worker{service: service, cancel: cancel, within: o.SoftStop + giveBack}
	if a.Stack != nil {
		bucket := a.Store.Bucket()
		a.Stack.OnObject(func(key string) {
			if err := service.ObjectCreated(work, bucket, key); err != nil && work.Err() == nil {
				// The next scan finds it.
				o.Log.Warn("register drop", "error", err.Error())
			}
		})
	}
	return nil
}

// stop lets running jobs end, or cancels them at once.
func (w *Worker) stop(atOnce bool) error {
	w.cancel()
	within := w.within
	if atOnce {
		within = time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return w.service.Stop(ctx)
}

func (a *App) jobsConfig(o WorkerOptions) jobs.Config {
	files := Files{a.Store}
	deps := stages.Deps{Objects: files, InAccount: a.DB.InAccount, Fingerprints: a.fingerprints, Exports: a.DB.Exports, Files: files}
	return jobs.Config{
		DB: a.DB, Store: a.Store, ScratchDir: a.WorkDir(),
		PlanStages: func(run *pipeline.Run) []pipeline.Stage {
			if run.Request.Sync != nil {
				return stages.Omie(deps, a.syncStage(files))
			}
			if run.ReplayOf != 0 {
				return stages.Replay(deps)
			}
			return stages.CSV(deps)
		},
		SeenRecords: stages.SeenRecords, BlockedUntil: a.BlockedUntil, TellTrouble: a.tellTrouble,
		DecideStages: func(h jobs.Hooks, d schemas.Decision) []pipeline.Stage {
			return stages.Decide(deps, stages.Hooks(h), d)
		},
		ApplyStages: func(h jobs.Hooks) []pipeline.Stage { return stages.Apply(deps, stages.Hooks(h)) },
		OpenWorkset: a.openWorkset(o.Workers), Engine: a.Engine(o.Workers),
		SavePlan: func(ctx context.Context, run *pipeline.Run) (prefix, sum string, err error) {
			return stages.SavePlan(ctx, files, run, o.Version)
		},
		KeepPlan: func(ctx context.Context, run *pipeline.Run) (prefix, sum string, err error) {
			return stages.KeepPlan(ctx, files, run, o.Version)
		},
		LoadPlan: func(ctx context.Context, run *pipeline.Run, prefix, sum string) error {
			return stages.LoadPlan(ctx, files, run, prefix, sum)
		},
		People: a.people(),
		Report: a.Report, PutFile: files.PutFile,
		Workers: o.Workers, ScanEvery: a.ScanEvery(), SoftStop: o.SoftStop, Log: o.Log,
	}
}

// Engine is how much of the machine one engine takes, of those of the imports that run
// at once and the one that writes datasets. The memory limit is shared between them and
// the rest of the program: 60 % for the engines, 30 % for Go, and a tenth for what
// neither counts.
func (a *App) Engine(workers int) (o duck.Options) {
	if limit := a.Config.MemoryLimit; limit > 0 {
		o.MemoryLimit = fmt.Sprintf("%dMiB", max(leastMemory, limit*6/10/int64(workers+1))>>20)
	}
	return o
}

// leastMemory is below what an engine cannot even sort, in bytes.
const leastMemory = 128 << 20

// openWorkset opens engines of that size. Go's collector works harder under the limit.
func (a *App) openWorkset(workers int) func(context.Context, string) (pipeline.Workset, func() error, error) {
	o := a.Engine(workers)
	if limit := a.Config.MemoryLimit; limit > 0 {
		debug.SetMemoryLimit(max(leastMemory, limit*3/10))
	}
	return func(ctx context.Context, dir string) (pipeline.Workset, func() error, error) {
		w, err := duck.Open(ctx, dir, o)
		if err != nil {
			return nil, nil, err
		}
		return w, w.Close, nil
	}
}

// Register registers an import of an account and the job that plans it.
func (a *App) Register(ctx context.Context, account schemas.Account, r postgres.Registration) (schemas.ImportID, error) {
	insert, err := jobs.NewInserter(a.DB)
	if err != nil {
		return 0, err
	}
	var id schemas.ImportID
	err = a.DB.InAccount(ctx, account.ID, func(tx pgx.Tx) error {
		done, err := insert.RegisterTx(ctx, tx, account.ID, r)
		if err != nil {
			return err
		}
		id = done[0].ID
		return nil
	})
	return id, err
}

// Confirm says apply to an import that is ready. It returns the state found;
// anything but ready is left as it is.
func (a *App) Confirm(ctx context.Context, account schemas.Account, id schemas.ImportID) (schemas.State, error) {
	return a.decide(ctx, account, id, (*jobs.Inserter).ApplyTx)
}

// Cancel ends an import that is not being applied. It returns the state found.
func (a *App) Cancel(ctx context.Context, account schemas.Account, id schemas.ImportID) (schemas.State, error) {
	return a.decide(ctx, account, id, (*jobs.Inserter).CancelTx)
}

func (a *App) decide(ctx context.Context, account schemas.Account, id schemas.ImportID,
	tell func(*jobs.Inserter, context.Context, pgx.Tx, int32, schemas.ImportID) (schemas.State, error)) (schemas.State, error) {
	insert, err := jobs.NewInserter(a.DB)
	if err != nil {
		return "", err
	}
	var state schemas.State
	err = a.DB.InAccount(ctx, account.ID, func(tx pgx.Tx) error {
		state, err = tell(insert, ctx, tx, account.ID, id)
		return err
	})
	return state, err
}
