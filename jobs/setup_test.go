package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/pipeline/postgres/postgrestest"
	"github.com/bateia/bateia/schemas"
)

// world is a database, a bucket, and pipelines small enough to look through:
// planning counts the lines of the object, applying writes one row of lists.
type world struct {
	t     *testing.T
	db    *postgres.DB // of the service
	look  *postgres.DB // of the test itself, as the owner: nobody cuts these connections
	own   *postgrestest.DB
	store *objstore.Store

	// What tests change. Called on the goroutines of jobs.
	onPlan   func(ctx context.Context, run *pipeline.Run) error
	onApply  func(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error // between write and finish
	onReport func() error

	mu      sync.Mutex
	planned map[schemas.ImportID]int
	reports map[schemas.ImportID]int
	saved   map[string]schemas.Facts
}

func setup(t *testing.T) *world {
	t.Helper()
	own := postgrestest.New(t, "migrated", func(ctx context.Context, adminURL string) error {
		return postgres.Migrate(ctx, adminURL, postgres.MigrateOptions{})
	})
	db, err := postgres.Open(t.Context(), own.URL(postgres.RoleWorker))
	must(t, err)
	t.Cleanup(db.Close)
	look, err := postgres.Open(t.Context(), own.URL(""))
	must(t, err)
	t.Cleanup(look.Close)
	return &world{
		t: t, db: db, look: look, own: own, store: objstoretest.New(t),
		planned: map[schemas.ImportID]int{}, reports: map[schemas.ImportID]int{}, saved: map[string]schemas.Facts{},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stage is a pipeline.Stage made of a function.
type stage struct {
	name string
	run  func(ctx context.Context, run *pipeline.Run) error
}

func (s stage) Name() string                                     { return s.name }
func (s stage) Run(ctx context.Context, run *pipeline.Run) error { return s.run(ctx, run) }

func (w *world) planStages(*pipeline.Run) []pipeline.Stage {
	return []pipeline.Stage{stage{schemas.StageParse, func(ctx context.Context, run *pipeline.Run) error {
		w.mu.Lock()
		w.planned[run.ImportID]++
		w.mu.Unlock()
		obj := objstore.Object{Bucket: run.Object.Bucket, Key: run.Object.Key, ETag: run.Object.ETag, Size: run.Object.Size}
		data, err := w.store.ReadRange(ctx, obj, 0, obj.Size)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			run.Facts.Ledger.Read++
			if line == "bad" {
				run.Facts.Ledger.Rejected++
				continue
			}
			run.Facts.Ledger.Created++
		}
		if n := run.Facts.Ledger.Rejected; n > 0 {
			run.Facts.ByCode = []schemas.IssueCount{{Code: "PHONE_TOO_SHORT", Severity: schemas.SeverityError, Rows: n}}
		}
		run.Facts.Records, run.Facts.Bytes = run.Facts.Ledger.Read, obj.Size
		run.Report(pipeline.Progress{Stage: schemas.StageParse, Rows: run.Facts.Records})
		err = w.db.Pool.QueryRow(ctx, "select base_version from accounts where account_id = $1", run.Account.ID).Scan(&run.BaseVersion)
		if err == nil && w.onPlan != nil {
			err = w.onPlan(ctx, run)
		}
		return err
	}}}
}

// lockKey is the advisory lock of an account here.
const lockKey = 4711

func (w *world) applyStages(h Hooks) []pipeline.Stage {
	return []pipeline.Stage{stage{schemas.StageApply, func(ctx context.Context, run *pipeline.Run) error {
		return w.db.InAccount(ctx, run.Account.ID, func(tx pgx.Tx) error {
			var locked bool
			if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1, $2)", lockKey, run.Account.ID).Scan(&locked); err != nil {
				return err
			}
			if !locked {
				return &pipeline.Error{Op: "lock account", Kind: pipeline.KindBusy}
			}
			if err := h.Fence(ctx, tx, run); err != nil {
				return err
			}
			// No "on conflict": an import that is applied twice fails here.
			_, err := tx.Exec(ctx, "insert into lists (account_id, name, folded, created_by) values ($1, $2, $2, $3)", run.Account.ID, run.ImportID.String(), run.ImportID)
			if err != nil {
				return err
			}
			if w.onApply != nil {
				if err := w.onApply(ctx, tx, run); err != nil {
					return err
				}
			}
			return h.Finish(ctx, tx, run)
		})
	}}}
}

func (w *world) config() Config {
	return w.configIn(w.t.TempDir(), slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
}

func (w *world) configIn(scratch string, log *slog.Logger) Config {
	save := func(_ context.Context, run *pipeline.Run) (string, string, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		prefix := fmt.Sprintf("plans/%s/%d/", run.ImportID, run.Epoch)
		w.saved[prefix] = run.Facts
		return prefix, "sum", nil
	}
	return Config{
		DB: w.db, Store: w.store, ScratchDir: scratch,
		PlanStages: w.planStages, ApplyStages: w.applyStages,
		DecideStages: func(h Hooks, _ schemas.Decision) []pipeline.Stage { return w.applyStages(h) },
		// The stages here need none; the folder must be there until it is closed.
		OpenWorkset: func(_ context.Context, dir string) (pipeline.Workset, func() error, error) {
			return nil, func() error { _, err := os.Stat(dir); return err }, nil
		},
		SavePlan: save, KeepPlan: save,
		LoadPlan: func(_ context.Context, run *pipeline.Run, prefix, sum string) error {
			w.mu.Lock()
			facts, ok := w.saved[prefix]
			w.mu.Unlock()
			if !ok || sum != "sum" {
				return &pipeline.Error{Op: "load plan", Kind: pipeline.KindStale}
			}
			run.Facts = facts
			return nil
		},
		Report: func(_ context.Context, _ int32, id schemas.ImportID) error {
			w.mu.Lock()
			w.reports[id]++
			w.mu.Unlock()
			if w.onReport != nil {
				return w.onReport()
			}
			return nil
		},
		PutFile: func(ctx context.Context, key, path string) error {
			_, err := w.store.PutFile(ctx, key, path, objstore.PutOptions{}, nil)
			return err
		},
		ScanEvery: time.Hour, ReconcileEvery: time.Second, SoftStop: 10 * time.Second, BusyWait: 10 * time.Second,
		Log: log, pollEvery: 100 * time.Millisecond,
	}
}

// service makes a service that is not started.
func (w *world) service(change ...func(*Config)) *Service {
	w.t.Helper()
	cfg := w.config()
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(cfg)
	must(w.t, err)
	return s
}

// start starts a service and stops it with the test. The channel gets every job
// that ends, whichever way.
func (w *world) start(change ...func(*Config)) (*Service, <-chan *river.Event) {
	w.t.Helper()
	s := w.service(change...)
	events, cancel := s.client.SubscribeConfig(&river.SubscribeConfig{ChanSize: 10_000, Kinds: []river.EventKind{
		river.EventKindJobCompleted, river.EventKindJobCancelled, river.EventKindJobFailed, river.EventKindJobSnoozed,
	}})
	must(w.t, s.Start(w.t.Context()))
	w.t.Cleanup(func() {
		cancel()
		must(w.t, s.Stop(context.Background()))
	})
	return s, events
}

// put drops an object and returns what a scan would pin.
func (w *world) put(key, content string) objstore.Object {
	w.t.Helper()
	obj, err := w.store.Put(w.t.Context(), key, strings.NewReader(content), objstore.PutOptions{})
	must(w.t, err)
	return obj
}

// until waits for events of jobs until ok holds. Periodic jobs end every second,
// so that what jobs do after their completion was committed is seen too.
func (w *world) until(events <-chan *river.Event, what string, ok func() bool) {
	w.t.Helper()
	timeout := time.After(60 * time.Second)
	var seen []string
	for !ok() {
		select {
		case e := <-events:
			seen = append(seen, fmt.Sprintf("%s %s", e.Job.Kind, e.Kind))
		case <-timeout:
			w.t.Fatalf("waited in vain for: %s\n%s\nevents: %v", what, w.dump(), seen)
		}
	}
}

// dump shows work and jobs to whoever reads a failure.
func (w *world) dump() string {
	var out string
	err := w.look.Pool.QueryRow(context.Background(), `select coalesce(json_agg(w)::text, '') || E'\n' ||
		coalesce((select json_agg(json_build_object('kind', kind, 'state', state, 'args', args, 'attempt', attempt, 'errors', errors)) from river.river_job where kind like '%import')::text, '')
		from work w`).Scan(&out)
	return fmt.Sprint(out, err)
}

// imports returns all imports of the default account, oldest first.
func (w *world) imports() []schemas.ImportID {
	w.t.Helper()
	var ids []schemas.ImportID
	must(w.t, w.look.InAccount(w.t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		rows, err := tx.Query(w.t.Context(), "select import_id from imports order by import_id")
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[schemas.ImportID])
		return err
	}))
	return ids
}

func (w *world) state(id schemas.ImportID) postgres.ImportRow {
	w.t.Helper()
	_, row, err := w.look.LoadRun(w.t.Context(), postgres.AccountDefault, id)
	must(w.t, err)
	return row
}

// is returns a condition for until: the only import is in the state and nothing
// of it is owed or running.
func (w *world) is(state schemas.State) func() bool {
	return func() bool {
		ids := w.imports()
		return len(ids) == 1 && w.state(ids[0]).State == state && w.open() == 0
	}
}

// open is how many phases are not done.
func (w *world) open() int {
	w.t.Helper()
	var n int
	must(w.t, w.look.Pool.QueryRow(w.t.Context(), "select count(*) from work where state <> 'done'").Scan(&n))
	return n
}

// applied is how many imports wrote their row.
func (w *world) applied() int {
	w.t.Helper()
	var n int
	must(w.t, w.look.InAccount(w.t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), "select count(*) from lists").Scan(&n)
	}))
	return n
}

func (w *world) plans(id schemas.ImportID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.planned[id]
}

func (w *world) reported(id schemas.ImportID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reports[id]
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.look.Pool.Exec(w.t.Context(), sql, args...)
	must(w.t, err)
}

// register registers a drop and inserts its job, as a scan does.
func (w *world) register(s *Service, obj objstore.Object) schemas.ImportID {
	w.t.Helper()
	must(w.t, s.ObjectCreated(w.t.Context(), obj.Bucket, obj.Key))
	ids := w.imports()
	return ids[len(ids)-1]
}

// confirm says apply to an import.
func (w *world) confirm(s *Service, id schemas.ImportID) schemas.State {
	w.t.Helper()
	var found schemas.State
	must(w.t, w.look.InAccount(w.t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		var err error
		found, err = s.ApplyTx(w.t.Context(), tx, postgres.AccountDefault, id)
		return err
	}))
	return found
}

// in runs a statement in the default account.
func in(w *world, sql string, args ...any) error {
	return w.look.InAccount(w.t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	})
}
