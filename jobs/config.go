package jobs

import (
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// Store is what the jobs need of the bucket.
type Store interface {
	Bucket() string
	// List walks the objects under prefix behind startAfter in key order, by pages.
	List(ctx context.Context, prefix, startAfter string) iter.Seq2[objstore.Page, error]
	// Head pins the newest version of a key; errors.Is(err, objstore.ErrNotFound)
	// when there is none.
	Head(ctx context.Context, key, versionID string) (objstore.Object, error)
	// ReadRange reads a small part of a pinned object.
	ReadRange(ctx context.Context, obj objstore.Object, off, n int64) ([]byte, error)
	// Download brings a pinned object to a local file and returns its SHA-256.
	Download(ctx context.Context, obj objstore.Object, path string, progress func(int64)) ([sha256.Size]byte, error)
	// PutFile writes a local file under a key.
	PutFile(ctx context.Context, key, path string, opts objstore.PutOptions, progress func(int64)) (objstore.Object, error)
	// Delete removes keys; one that is not there is none the less gone.
	Delete(ctx context.Context, keys ...string) error
	// Versions returns what the bucket keeps of a key, and DeleteVersion removes one
	// for good.
	Versions(ctx context.Context, key string) ([]objstore.Version, error)
	DeleteVersion(ctx context.Context, key, id string) error
	// EachVersion hands on what the bucket keeps of the keys under a prefix.
	EachVersion(ctx context.Context, prefix string, each func(objstore.Version) error) error
	// EraseBelow removes the objects under prefix that remove names (nil: all) with
	// all their versions, and returns how many.
	EraseBelow(ctx context.Context, prefix string, remove func(key string) bool) (int64, error)
}

// Hooks are what a job adds to the transaction of the apply stage.
type Hooks struct {
	// Fence is called first, after the account's lock.
	Fence func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
	// Finish is called last.
	Finish func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error
}

// Config is what a Service needs. DB, Store, ScratchDir and the functions are
// required; zero means default for the rest.
type Config struct {
	DB    *postgres.DB
	Store Store
	// ScratchDir is a local folder of this program, for the attempts at imports.
	// Several processes may share it.
	ScratchDir string

	// PlanStages lead from the pinned object, or the connection, to the plan. They
	// write nothing that others see.
	PlanStages func(run *pipeline.Run) []pipeline.Stage
	// ApplyStages write the plan, in one transaction with the hooks.
	ApplyStages func(Hooks) []pipeline.Stage
	// DecideStages carry out a decision of people, in one transaction with the
	// hooks. There is no plan and no workset.
	DecideStages func(Hooks, schemas.Decision) []pipeline.Stage
	// OpenWorkset makes the workset of an attempt in its folder; close is called
	// before the folder is removed.
	OpenWorkset func(ctx context.Context, dir string) (w pipeline.Workset, close func() error, err error)
	// SavePlan stores the plan of a run and returns where, and the SHA-256 of its
	// manifest.
	SavePlan func(ctx context.Context, run *pipeline.Run) (prefix, sum string, err error)
	// KeepPlan stores of the plan of a run that is applied what people look at.
	KeepPlan func(ctx context.Context, run *pipeline.Run) (prefix, sum string, err error)
	// LoadPlan fills a run from a stored plan. An error of kind stale means: plan
	// again.
	LoadPlan func(ctx context.Context, run *pipeline.Run, prefix, sum string) error
	// SeenRecords are the records that a sync loads, from the workset of its plan.
	// Needed for syncs only.
	SeenRecords func(ctx context.Context, run *pipeline.Run) ([]schemas.SeenRecord, error)
	// BlockedUntil is until when Omie takes no calls of a connection, the zero time
	// when it does; TellTrouble tells people of the trouble of a connection, "" when
	// it is over. Both may be nil.
	BlockedUntil func(ctx context.Context, c schemas.Connection) (time.Time, error)
	TellTrouble  func(ctx context.Context, account schemas.Account, c schemas.Connection, trouble string, at time.Time) error
	// People is what erasures need; without, none is carried out here.
	People People
	// Report writes what people find beside their file. It may be called again
	// for one import.
	Report func(ctx context.Context, account int32, id schemas.ImportID) error

	// Engine is how much of the machine the engine takes that writes datasets.
	Engine duck.Options
	// PutFile writes a local file to a key of the bucket, at once or not at all.
	PutFile func(ctx context.Context, key, path string) error

	// Workers is how many imports this process works on at once. Default 2.
	Workers int
	// ScanEvery is the pause between two scans of the bucket. Default 60 s.
	ScanEvery time.Duration
	// ReconcileEvery is how often owed work without a job is looked for. Default 10 s.
	ReconcileEvery time.Duration
	// ScheduleEvery is how often due connections are looked for. Default 5 s.
	ScheduleEvery time.Duration
	// WatchEvery is how often connections in trouble are looked for. Default 60 s.
	WatchEvery time.Duration
	// SoftStop is how long Stop lets running jobs go on before it cancels them.
	// Default 20 s.
	SoftStop time.Duration
	// BusyWait is how long a finished plan waits for the account's lock before it
	// is stored and put off. Default 30 s.
	BusyWait time.Duration
	Log      *slog.Logger // default slog.Default

	// pollEvery is how often River looks for jobs by itself; tests change it.
	pollEvery time.Duration
}

func (c Config) withDefaults() Config {
	c.Workers = orDefault(c.Workers, 2)
	c.ScanEvery = orDefault(c.ScanEvery, 60*time.Second)
	c.ReconcileEvery = orDefault(c.ReconcileEvery, 10*time.Second)
	c.ScheduleEvery = orDefault(c.ScheduleEvery, 5*time.Second)
	c.WatchEvery = orDefault(c.WatchEvery, time.Minute)
	c.SoftStop = orDefault(c.SoftStop, 20*time.Second)
	c.BusyWait = orDefault(c.BusyWait, 30*time.Second)
	c.pollEvery = orDefault(c.pollEvery, time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func (c Config) validate() error {
	switch {
	case c.DB == nil, c.Store == nil, c.ScratchDir == "":
		return errors.New("configure jobs: DB, Store and ScratchDir are required")
	case c.PlanStages == nil, c.ApplyStages == nil, c.DecideStages == nil, c.OpenWorkset == nil, c.SavePlan == nil, c.KeepPlan == nil, c.LoadPlan == nil, c.Report == nil, c.PutFile == nil:
		return errors.New("configure jobs: every function is required")
	}
	return nil
}
