package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

const manyBad = "bad\nbad\nbad\nbad\nbad\nbad\nbad\nbad\nbad\nbad\nbad\na\nb\nc\nd\ne\nf\ng\nh\ni\n"

func TestADropIsAppliedAndReported(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/feira/sp/leads.csv", "a\nb\nbad\n")
	_, events := w.start()
	w.until(events, "the import is applied", w.is(schemas.Applied))

	id := w.imports()[0]
	run, row, err := w.db.LoadRun(t.Context(), postgres.AccountDefault, id)
	must(t, err)
	if run.Request.Mapping.List != "feira/sp" || !run.Request.Unattended || run.FileName != "leads.csv" {
		t.Errorf("request is %+v for %s", run.Request, run.FileName)
	}
	if want := (schemas.Ledger{Read: 3, Created: 2, Rejected: 1}); row.Facts.Ledger != want {
		t.Errorf("ledger is %+v, want %+v", row.Facts.Ledger, want)
	}
	if row.PlanPrefix == "" {
		t.Error("the plan was not stored after apply")
	}
	if w.applied() != 1 || w.reported(id) != 1 {
		t.Errorf("applied %d times, reported %d times", w.applied(), w.reported(id))
	}
	var counts []string
	must(t, w.db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), "select code || ' ' || severity || ' ' || rows from issue_counts")
		if err != nil {
			return err
		}
		counts, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	if diff := cmp.Diff([]string{"PHONE_TOO_SHORT error 1"}, counts); diff != "" {
		t.Errorf("issue counts mismatch (-want +got):\n%s", diff)
	}
}

func TestHeldUntilSomebodyDecides(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/leads.csv", manyBad)
	s, events := w.start()
	w.until(events, "the import is held", w.is(schemas.Ready))
	id := w.imports()[0]
	if row := w.state(id); !row.Held || row.Code != "TOO_MANY_ERRORS" || w.applied() != 0 || w.reported(id) != 1 {
		t.Errorf("held import is %+v, applied %d times", row, w.applied())
	}
	if got := []schemas.State{w.confirm(s, id), w.confirm(s, id)}; got[0] != schemas.Ready {
		t.Errorf("apply found %v", got)
	}
	w.until(events, "the import is applied", w.is(schemas.Applied))
	if got := w.confirm(s, id); got != schemas.Applied || w.applied() != 1 || w.reported(id) != 2 {
		t.Errorf("state %s, applied %d times, reported %d times", got, w.applied(), w.reported(id))
	}
	if n := w.plans(id); n != 1 {
		t.Errorf("planned %d times", n)
	}
}

func TestAPlanThatIsGoneIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		moved bool
		want  schemas.State
	}{
		{"the same base gives the same plan", false, schemas.Applied},
		{"another base gives a plan that nobody saw", true, schemas.Ready},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.put("uploads/default/leads.csv", manyBad)
			s, events := w.start()
			w.until(events, "the import is held", w.is(schemas.Ready))
			id := w.imports()[0]
			w.mu.Lock()
			clear(w.saved)
			w.mu.Unlock()
			if tt.moved {
				w.exec("update accounts set base_version = base_version + 1")
			}
			w.confirm(s, id)
			w.until(events, "the second plan", func() bool { return w.is(tt.want)() && w.plans(id) == 2 })
			row := w.state(id)
			if tt.moved && (row.Code != "TARGET_CHANGED" || row.Confirmed || !row.Held || w.applied() != 0) {
				t.Errorf("import is %+v, applied %d times", row, w.applied())
			}
			if !tt.moved && w.applied() != 1 {
				t.Errorf("applied %d times", w.applied())
			}
		})
	}
}

func TestPlanOnlyWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	obj := w.put("imports/default/x/leads.csv", "a\nb\n")
	s, events := w.start()
	must(t, w.db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		reg := postgres.Registration{Source: schemas.Source{Kind: "upload"}, FileName: "leads.csv", Object: pinOf(obj)}
		reg.Request.Mapping.Options.PlanOnly = true
		_, err := s.RegisterTx(t.Context(), tx, postgres.AccountDefault, reg)
		return err
	}))
	w.until(events, "the plan", w.is(schemas.Ready))
	if row := w.state(w.imports()[0]); row.Held || row.Code != "" || w.applied() != 0 {
		t.Errorf("import is %+v", row)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	var index []int
	for _, tt := range []struct {
		name   string
		onPlan func(ctx context.Context, run *pipeline.Run) error
		state  schemas.State
		code   string
	}{
		{"a file that is refused", func(_ context.Context, run *pipeline.Run) error {
			run.Warn(schemas.FileIssue{Code: "COLUMNS_NOT_IMPORTED"})
			return pipeline.Reject("FILE_NOT_CSV", "read header")
		}, schemas.Rejected, "FILE_NOT_CSV"},
		{"an error nobody knows", func(context.Context, *pipeline.Run) error { return errors.New("what is this") }, schemas.Failed, "INTERNAL"},
		{"a code of its own", func(context.Context, *pipeline.Run) error {
			return &pipeline.Error{Op: "x", Kind: pipeline.KindPermanent, Code: "FILE_CHANGED"}
		}, schemas.Failed, "FILE_CHANGED"},
		{"an error that names the object", func(_ context.Context, run *pipeline.Run) error {
			return &pipeline.Error{Op: "read object " + run.Object.Key, Kind: pipeline.KindPermanent}
		}, schemas.Failed, "INTERNAL"},
		{"a panic", func(context.Context, *pipeline.Run) error { panic("Ana Canária") }, schemas.Failed, "INTERNAL"},
		{"a panic of the runtime", func(context.Context, *pipeline.Run) error { _ = index[3]; return nil }, schemas.Failed, "INTERNAL"},
		{"a ledger that does not balance", func(_ context.Context, run *pipeline.Run) error { run.Facts.Ledger.Read++; return nil }, schemas.Failed, "INTERNAL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.onPlan = tt.onPlan
			w.put("uploads/default/Ana Canária.csv", "a\n")
			_, events := w.start()
			w.until(events, "the end", w.is(tt.state))
			id := w.imports()[0]
			if row := w.state(id); row.Code != tt.code || w.applied() != 0 || w.reported(id) != 1 || row.Facts.Ledger != (schemas.Ledger{}) {
				t.Errorf("import is %+v, applied %d times, reported %d times", row, w.applied(), w.reported(id))
			}
			if strings.Contains(w.dump(), "Canária") {
				t.Error("the text of a panic or the name of a file stands in the job")
			}
		})
	}
}

func TestPassingFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.onPlan = func(_ context.Context, run *pipeline.Run) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.planned[run.ImportID] < 3 {
			return &pipeline.Error{Op: "read object", Kind: pipeline.KindTransient}
		}
		return nil
	}
	w.put("uploads/default/leads.csv", "a\n")
	_, events := w.start()
	w.until(events, "the third attempt", w.is(schemas.Applied))
	var epoch int
	must(t, w.db.Pool.QueryRow(t.Context(), "select epoch from work where phase = 'plan'").Scan(&epoch))
	if epoch != 3 {
		t.Errorf("planned under epoch %d", epoch)
	}
}

func TestAReportThatFailsHarmsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.onReport = func() error { return errors.New("no report") }
	w.put("uploads/default/leads.csv", "a\n")
	_, events := w.start()
	w.until(events, "the end", w.is(schemas.Applied))
	var failed int
	must(t, w.db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select count(*) from events where kind = 'report.failed'").Scan(&failed)
	}))
	if failed != 1 {
		t.Errorf("%d events of a failed report", failed)
	}
}

// While another import of the account is being applied the plan waits a moment,
// then is stored and left to a job of its own.
func TestABusyAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	tx, err := w.db.Pool.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), "select pg_advisory_xact_lock($1, $2)", lockKey, postgres.AccountDefault)
	must(t, err)
	w.put("uploads/default/leads.csv", "a\n")
	_, events := w.start(func(c *Config) { c.BusyWait = time.Millisecond })
	w.until(events, "the plan is put off", func() bool {
		ids := w.imports()
		return len(ids) == 1 && w.state(ids[0]).PlanPrefix != ""
	})
	if got := w.state(w.imports()[0]).State; got != schemas.Applying || w.applied() != 0 {
		t.Errorf("import is %s, applied %d times", got, w.applied())
	}
	must(t, tx.Rollback(t.Context()))
	w.exec("update river.river_job set state = 'available', scheduled_at = now() where state = 'scheduled'")
	w.until(events, "the import is applied", w.is(schemas.Applied))
	if id := w.imports()[0]; w.plans(id) != 1 || w.applied() != 1 {
		t.Errorf("planned %d times, applied %d times", w.plans(id), w.applied())
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := setup(t)
	planning, gone := make(chan schemas.ImportID), make(chan struct{})
	w.onPlan = func(ctx context.Context, run *pipeline.Run) error {
		planning <- run.ImportID
		<-gone
		return ctx.Err()
	}
	w.put("uploads/default/leads.csv", "a\n")
	s, events := w.start()
	id := <-planning
	must(t, w.db.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		found, err := s.CancelTx(t.Context(), tx, postgres.AccountDefault, id)
		if found != schemas.Planning {
			t.Errorf("cancel found %s", found)
		}
		return err
	}))
	close(gone)
	w.until(events, "the end", w.is(schemas.Canceled))
	if w.applied() != 0 || w.reported(id) != 1 {
		t.Errorf("applied %d times, reported %d times", w.applied(), w.reported(id))
	}
}
