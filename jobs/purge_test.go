package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

func TestPurgeScratch(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.service()
	old := time.Now().Add(-3 * time.Hour)
	make := func(name string, at time.Time) {
		dir := filepath.Join(s.cfg.ScratchDir, name)
		must(t, os.MkdirAll(dir, 0o700))
		file := filepath.Join(dir, "workset.duckdb")
		must(t, os.WriteFile(file, nil, 0o600))
		must(t, os.Chtimes(file, at, at))
		must(t, os.Chtimes(dir, at, at))
	}
	make("01a1fbd055b100-1", old)
	make("01a1fbd055b100-2-apply", old)
	make("01a1fbd055b100-3", time.Now())
	make("00000000000000-query-123", old)
	make("01a1fbd055b100-4", old)
	make("somebody-else", old)
	make("data", old)
	s.live.add(filepath.Join(s.cfg.ScratchDir, "01a1fbd055b100-4"))
	must(t, PurgeScratch(s.cfg.ScratchDir, time.Now(), s.live.has))
	entries, err := os.ReadDir(s.cfg.ScratchDir)
	must(t, err)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff([]string{"01a1fbd055b100-3", "01a1fbd055b100-4", "data", "somebody-else"}, left); diff != "" {
		t.Errorf("scratch folder mismatch (-want +got):\n%s", diff)
	}
}

func TestPurgePlans(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/a.csv", "a\n")
	s, events := w.start()
	w.until(events, "the import is applied", func() bool { return w.is(schemas.Applied)() && w.state(w.imports()[0]).PlanPrefix != "" })
	id := w.imports()[0]
	w.put("plans/"+id.String()+"/1/manifest.json", "{}")
	w.put("plans/"+id.String()+"/2/manifest.json", "{}")
	w.put("plans/other/1/manifest.json", "{}")
	left := func() []string {
		must(t, s.purgePlans(t.Context(), time.Now()))
		var keys []string
		for page, err := range w.store.List(t.Context(), "plans/", "") {
			must(t, err)
			for _, o := range page.Objects {
				keys = append(keys, strings.TrimPrefix(o.Key, "plans/"))
			}
		}
		return keys
	}
	if got := left(); len(got) != 3 {
		t.Errorf("a young plan is purged: %v", got)
	}
	must(t, in(w, "update imports set finished_at = now() - interval '31 days'"))
	if diff := cmp.Diff([]string{"other/1/manifest.json"}, left()); diff != "" {
		t.Errorf("plans mismatch (-want +got):\n%s", diff)
	}
	if got := w.state(id).PlanPrefix; got != "" {
		t.Errorf("the import still names a plan: %s", got)
	}
}

func TestPurgeExports(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.service()
	var names []string
	for range 2 {
		e, err := w.db.NewExport(t.Context(), 1)
		must(t, err)
		w.put(schemas.ExportKey(e.ID), "given")
		names = append(names, schemas.ExportName(e.ID))
	}
	must(t, in(w, "update exports set created_at = now() - interval '91 days' where export_id = (select min(export_id) from exports)"))
	must(t, s.purgePlans(t.Context(), time.Now()))
	var keys []string
	for page, err := range w.store.List(t.Context(), "exports/", "") {
		must(t, err)
		for _, o := range page.Objects {
			keys = append(keys, o.Key)
		}
	}
	if diff := cmp.Diff([]string{"exports/" + names[1] + ".parquet"}, keys); diff != "" {
		t.Errorf("exports mismatch (-want +got):\n%s", diff)
	}
	left, err := w.db.OldExports(t.Context(), 1, 0)
	must(t, err)
	if len(left) != 1 || schemas.ExportName(left[0].ID) != names[1] {
		t.Errorf("%v are known, want %s", left, names[1])
	}
}
