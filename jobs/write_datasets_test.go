package jobs

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// datasets are the objects of datasets, without the part that differs by the day.
func (w *world) datasets() (keys []string) {
	w.t.Helper()
	for page, err := range w.store.List(w.t.Context(), "reports/", "") {
		must(w.t, err)
		for _, o := range page.Objects {
			keys = append(keys, strings.Split(o.Key, "/")[1])
		}
	}
	return keys
}

// A worker that dies half way leaves files behind that are known, and the next one
// goes on; what an import must not have any more is removed.
func TestDatasetsHalfWritten(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var puts atomic.Int32
	s, events := w.start(func(c *Config) {
		put := c.PutFile
		c.PutFile = func(ctx context.Context, key, path string) error {
			if puts.Add(1) == 2 {
				return &pipeline.Error{Op: "put object", Kind: pipeline.KindTransient, Err: errors.New("cut off")}
			}
			return put(ctx, key, path)
		}
	})
	w.put("uploads/default/a.csv", "a\nbad\n")
	must(t, s.scan(t.Context()))
	w.until(events, "the datasets are written", func() bool { return w.is(schemas.Applied)() && puts.Load() > 2 })
	want := []string{"import_stages", "imports", "issue_counts"}
	if diff := cmp.Diff(want, w.datasets()); diff != "" {
		t.Errorf("datasets after a failure (-want +got):\n%s", diff)
	}
	id := w.imports()[0]
	must(t, in(w, "update imports set state = 'undone'"))
	must(t, w.look.InAccount(t.Context(), postgres.AccountDefault, func(tx pgx.Tx) error {
		return postgres.Owe(t.Context(), tx, postgres.AccountDefault, id, postgres.PhaseDatasets, 0)
	}))
	w.until(events, "the datasets are written again", func() bool { return w.open() == 0 })
	if diff := cmp.Diff([]string{"import_stages", "imports"}, w.datasets()); diff != "" {
		t.Errorf("datasets of an import that was taken back (-want +got):\n%s", diff)
	}
}

// Whoever lost the claim may still be writing: the next one waits for its end.
func TestDatasetsAreWrittenByOneAtATime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	err := w.db.LockDatasets(t.Context(), 1, func() error {
		return w.db.LockDatasets(t.Context(), 1, func() error { return nil })
	})
	if pipeline.KindOf(err) != pipeline.KindBusy {
		t.Errorf("the second one ends in %v", err)
	}
	must(t, w.db.LockDatasets(t.Context(), 1, func() error { return nil }))
}

func TestSnapshotsWeekly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.service()
	take := func(want ...string) {
		t.Helper()
		must(t, s.takeSnapshots(t.Context(), snapshotEvery))
		if diff := cmp.Diff(want, w.datasets()); diff != "" {
			t.Errorf("snapshots (-want +got):\n%s", diff)
		}
	}
	take()
	must(t, in(w, `insert into prospects (account_id, prospect_id, keys, lead_imports, lead_rows, lead_hashes, created_at, updated_at, updated_by, name)
		values (1, 'ba0000000000000100000001', '{}', '{1}', '{1}', '{1}', now(), now(), 1, 'Ana')`))
	take() // the account is new
	w.exec("update accounts set created_at = now() - interval '8 days'")
	take("prospects_snapshot")
	take("prospects_snapshot")
	// Asked for by somebody who died over it.
	_, err := w.db.RequestSnapshot(t.Context(), postgres.AccountDefault, "ana")
	must(t, err)
	take("prospects_snapshot", "prospects_snapshot")
	must(t, s.purgeSnapshots(t.Context(), postgres.AccountDefault))
	take("prospects_snapshot", "prospects_snapshot")
	must(t, in(w, "update snapshots set created_at = now() - $1::interval where requested_by = ''", keepSnapshots+time.Hour))
	must(t, s.purgeSnapshots(t.Context(), postgres.AccountDefault))
	if got := w.datasets(); len(got) != 1 {
		t.Errorf("after a week there are %v", got)
	}
}

// When the workset cannot be read any more, what was applied stays applied, and a job of
// its own writes the datasets from the tables.
func TestDatasetsFromTheTablesInstead(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var opened atomic.Int32
	s, events := w.start(func(c *Config) {
		c.OpenWorkset = func(ctx context.Context, dir string) (pipeline.Workset, func() error, error) {
			opened.Add(1)
			d, err := duck.Open(ctx, dir, duck.Options{}) // without a table
			if err != nil {
				return nil, nil, err
			}
			return d, d.Close, nil
		}
	})
	w.put("uploads/default/a.csv", "a\nbad\n")
	must(t, s.scan(t.Context()))
	w.until(events, "the datasets are written", func() bool { return w.is(schemas.Applied)() && w.open() == 0 })
	if diff := cmp.Diff([]string{"import_stages", "imports", "issue_counts"}, w.datasets()); diff != "" {
		t.Errorf("datasets (-want +got):\n%s", diff)
	}
	var epoch int64
	must(t, w.look.Pool.QueryRow(t.Context(), "select epoch from bateia.work where phase = 'datasets'").Scan(&epoch))
	if opened.Load() != 1 || epoch != 2 {
		t.Errorf("%d worksets were opened and datasets claimed %d times, want 1 and 2", opened.Load(), epoch)
	}
}
