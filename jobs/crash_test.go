package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// River completes whatever row is there and says nothing: when the job was rescued
// meanwhile, nothing of this worker may commit.
func TestARescuedJobDoesNotCommit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	calls := 0
	w.onApply = func(ctx context.Context, _ pgx.Tx, _ *pipeline.Run) error {
		if calls++; calls > 1 {
			return nil
		}
		_, err := w.db.Pool.Exec(ctx, "update river.river_job set state = 'available' where kind = 'plan_import'")
		return err
	}
	w.put("uploads/default/leads.csv", "a\n")
	_, events := w.start(func(c *Config) { c.Workers = 1 })
	w.until(events, "the import is applied", w.is(schemas.Applied))
	// River may disturb the second try once more: the end of the first one sets the
	// job's row back, whichever attempt holds it by then.
	if calls < 2 || w.applied() != 1 {
		t.Errorf("tried %d times, applied %d times", calls, w.applied())
	}
}

// A worker whose claim was taken over while it planned writes nothing.
func TestAFencedWorkerWritesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first := make(chan struct{})
	w.onPlan = func(ctx context.Context, run *pipeline.Run) error {
		if run.Epoch > 1 {
			return nil
		}
		// The lease runs out and another process claims, and dies in turn.
		_, err := w.db.Pool.Exec(ctx, "update work set lease_until = clock_timestamp() - interval '1 second'")
		if err == nil {
			_, err = w.db.Claim(ctx, run.ImportID, postgres.PhasePlan, "somebody else", time.Millisecond)
		}
		close(first)
		return err
	}
	w.put("uploads/default/leads.csv", "a\n")
	_, events := w.start()
	<-first
	w.until(events, "the import is applied", w.is(schemas.Applied))
	id := w.imports()[0]
	if w.applied() != 1 || w.plans(id) != 2 {
		t.Errorf("applied %d times, planned %d times", w.applied(), w.plans(id))
	}
}

func TestStopGivesClaimsBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	started := make(chan struct{}, 1)
	w.onPlan = func(ctx context.Context, run *pipeline.Run) error {
		if run.Epoch > 1 {
			return nil
		}
		started <- struct{}{}
		<-ctx.Done()
		// What a canceled stage says need not be what happened.
		return pipeline.Reject("FILE_TRUNCATED", "read records")
	}
	w.put("uploads/default/leads.csv", "a\n")
	s := w.service(func(c *Config) { c.SoftStop = time.Millisecond })
	must(t, s.Start(t.Context()))
	<-started
	must(t, s.Stop(t.Context()))
	var state string
	var attempt int
	must(t, w.db.Pool.QueryRow(t.Context(), "select w.state, j.attempt from work w, river.river_job j where j.kind = 'plan_import'").Scan(&state, &attempt))
	if state != "owed" || attempt != 0 {
		t.Errorf("after a stop the phase is %s and the job counts %d attempts", state, attempt)
	}
	if left, err := os.ReadDir(s.cfg.ScratchDir); err != nil || len(left) != 0 {
		t.Errorf("scratch folder holds %v, %v", left, err)
	}
	_, events := w.start()
	w.until(events, "the import is applied", w.is(schemas.Applied))
}

func TestPoisonIsPutAside(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/leads.csv", "a\n")
	s := w.service()
	_, err := s.walk(t.Context())
	must(t, err)
	id := w.imports()[0]
	dead := s.id
	dead.pid, dead.start = deadPID(t), "1"
	for n := range 4 { // one death, then three while alone
		if _, err := w.db.Claim(t.Context(), id, postgres.PhasePlan, dead.String(), postgres.Lease); err != nil {
			t.Fatalf("claim %d: %v", n, err)
		}
		must(t, s.releaseDead(t.Context()))
	}
	_, events := w.start()
	w.until(events, "the import is put aside", w.is(schemas.Failed))
	if row := w.state(id); row.Code != "POISONED" || w.plans(id) != 0 || w.reported(id) != 1 {
		t.Errorf("import is %+v, planned %d times, reported %d times", row, w.plans(id), w.reported(id))
	}
}

// What was running when its process vanished runs with nothing beside it.
func TestASuspectRunsAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	suspect := w.put("uploads/default/suspect.csv", "a\n")
	s := w.service()
	id := w.register(s, suspect)
	dead := s.id
	dead.pid, dead.start = deadPID(t), "1"
	_, err := w.db.Claim(t.Context(), id, postgres.PhasePlan, dead.String(), postgres.Lease)
	must(t, err)
	for n := range 4 {
		w.put(fmt.Sprintf("uploads/default/%d.csv", n), "a\n")
	}
	running := make(chan int, 1)
	running <- 0
	w.onPlan = func(_ context.Context, run *pipeline.Run) error {
		n := <-running + 1
		running <- n
		if run.ImportID == id && n != 1 {
			return fmt.Errorf("%d run beside the suspect", n-1)
		}
		running <- <-running - 1
		return nil
	}
	_, events := w.start(func(c *Config) { c.Workers = 4 })
	w.until(events, "all imports are applied", func() bool { return w.applied() == 5 && w.open() == 0 })
}

// When the database drops every connection nothing is lost, and nothing is held
// against the import.
func TestTheDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"plan", "apply"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			admin, err := pgx.Connect(t.Context(), w.own.URL(""))
			must(t, err)
			defer admin.Close(context.Background())
			var once sync.Once
			drop := func(ctx context.Context) (err error) {
				once.Do(func() {
					var cut pgconn.CommandTag
					cut, err = admin.Exec(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = $1", postgres.RoleWorker)
					if cut.RowsAffected() == 0 {
						t.Error("no connection was cut")
					}
				})
				return err
			}
			switch where {
			case "plan":
				w.onPlan = func(ctx context.Context, _ *pipeline.Run) error { return drop(ctx) }
			case "apply":
				w.onApply = func(ctx context.Context, _ pgx.Tx, _ *pipeline.Run) error { return drop(ctx) }
			}
			w.put("uploads/default/leads.csv", "a\n")
			_, events := w.start(func(c *Config) { c.Log = slog.New(slog.DiscardHandler) })
			w.until(events, "the import is applied", w.is(schemas.Applied))
			var held int
			must(t, w.look.Pool.QueryRow(t.Context(), "select count(*) from work where alone or deaths > 0").Scan(&held))
			if id := w.imports()[0]; w.applied() != 1 || w.reported(id) != 1 || held != 0 {
				t.Errorf("applied %d times, reported %d times, %d phases are suspect", w.applied(), w.reported(id), held)
			}
		})
	}
}

// deadPID is the number of a process that ended.
func deadPID(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("true")
	must(t, cmd.Run())
	return cmd.Process.Pid
}

func TestKnowsDead(t *testing.T) {
	t.Parallel()
	me := thisWorker()
	if me.boot == "" {
		t.Skip("no /proc here")
	}
	if got, ok := parseWorker(me.String()); !ok || got != me || len(me.String()) > 100 {
		t.Errorf("parseWorker(%q) = %+v, %v", me, got, ok)
	}
	zombie := exec.Command("true")
	must(t, zombie.Start())
	for _, state := stat(zombie.Process.Pid); state != "Z"; _, state = stat(zombie.Process.Pid) {
	}
	defer zombie.Wait()
	for _, tt := range []struct {
		name   string
		change func(*worker)
		want   bool
	}{
		{"itself", func(*worker) {}, false},
		{"another service of this process", func(w *worker) { w.nonce = "x" }, false},
		{"a dead process", func(w *worker) { w.pid = deadPID(t) }, true},
		{"a process that nobody waited for", func(w *worker) { w.pid, w.start = zombie.Process.Pid, startOf(zombie.Process.Pid) }, true},
		{"our number, used before", func(w *worker) { w.start = "1" }, true},
		{"the number of a living process, used before", func(w *worker) { w.pid, w.start = 1, "999999999" }, true},
		{"a living process", func(w *worker) { w.pid, w.start = 1, startOf(1) }, false},
		{"a dead process of another machine", func(w *worker) { w.pid, w.host = deadPID(t), "elsewhere" }, false},
		{"a dead process of another container or boot", func(w *worker) { w.pid, w.boot = deadPID(t), "other" }, false},
	} {
		other := me
		tt.change(&other)
		if got := me.knowsDead(other); got != tt.want {
			t.Errorf("%s: dead is %v, want %v", tt.name, got, tt.want)
		}
	}

	container, before := me, me
	container.host, before.host, before.boot = "0123456789ab", "0123456789ab", "other"
	if !container.knowsDead(before) || container.knowsDead(container) {
		t.Error("a container does not know what died with its earlier start")
	}
}

// childEnv makes this test binary a worker that waits to be killed in a stage.
const childEnv = "BATEIA_TEST_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child runs a service until it is killed: where is plan, apply, report or datasets,
// of which one file is in the bucket by then, and says so by making a file.
func child(spec string) error {
	part := strings.Split(spec, "\n")
	where, flag, url := part[0], part[1], part[2]
	ctx := context.Background()
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	store, err := objstore.Open(ctx, objstore.Config{Endpoint: part[3], Bucket: part[4], AccessKeyID: part[5], SecretAccessKey: part[6]})
	if err != nil {
		return err
	}
	halt := func(here string) error {
		if where != here {
			return nil
		}
		if err := os.WriteFile(flag, nil, 0o600); err != nil {
			return err
		}
		select {}
	}
	w := &world{db: db, store: store, planned: map[schemas.ImportID]int{}, reports: map[schemas.ImportID]int{}, saved: map[string]schemas.Facts{}}
	w.onPlan = func(context.Context, *pipeline.Run) error { return halt("plan") }
	w.onApply = func(context.Context, pgx.Tx, *pipeline.Run) error { return halt("apply") }
	w.onReport = func() error { return halt("report") }
	cfg := w.configIn(filepath.Dir(flag), slog.New(slog.DiscardHandler))
	var puts atomic.Int32
	put := cfg.PutFile
	cfg.PutFile = func(ctx context.Context, key, path string) error {
		if puts.Add(1) == 2 {
			return halt("datasets")
		}
		return put(ctx, key, path)
	}
	s, err := New(cfg)
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	select {}
}

func TestKilledThenStartedAgain(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"plan", "apply", "report", "datasets"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.put("uploads/default/leads.csv", "a\nb\n")
			dir := t.TempDir()
			flag := filepath.Join(dir, "here")
			s3 := w.store.Config()
			exe, err := os.Executable()
			must(t, err)
			cmd := exec.Command(exe)
			cmd.Stderr = t.Output()
			cmd.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{
				where, flag, w.own.URL(postgres.RoleWorker), s3.Endpoint, s3.Bucket, s3.AccessKeyID, s3.SecretAccessKey,
			}, "\n"))
			must(t, cmd.Start())
			exists(t, flag)
			must(t, cmd.Process.Kill())
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) {
				t.Fatal(err)
			}

			start := time.Now()
			_, events := w.start()
			w.until(events, "the import is applied and everything written", func() bool { return w.is(schemas.Applied)() && w.open() == 0 })
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v after the restart", took)
			}
			id := w.imports()[0]
			// Datasets are written beside the report, which the dead one may have made.
			reported := w.reported(id) == 1 || w.reported(id) == 0 && where == "datasets"
			if w.applied() != 1 || !reported || w.state(id).Facts.Ledger != (schemas.Ledger{Read: 2, Created: 2}) {
				t.Errorf("applied %d times, reported %d times, facts %+v", w.applied(), w.reported(id), w.state(id).Facts)
			}
			if diff := cmp.Diff([]string{"import_stages", "imports"}, w.datasets()); diff != "" {
				t.Errorf("datasets (-want +got):\n%s", diff)
			}
		})
	}
}

// exists waits for a file that another process makes.
func exists(t *testing.T, path string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(60 * time.Second)
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatal("the child did not get there")
		}
	}
}
