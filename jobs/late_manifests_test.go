package jobs

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

func TestManifestAccount(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"uploads/default/_import.yaml":         "default",
		"uploads/default/a/b/_import.yaml":     "default",
		"uploads/default/x.csv.import.yaml":    "default",
		"uploads/_import.yaml":                 "",
		"uploads/default/x.csv":                "",
		"imports/default/x.csv.import.yaml":    "",
		"uploads/default/import.yaml":          "",
		"uploads/default/\xff.csv.import.yaml": "",
	} {
		if got, ok := manifestAccount(key); ok != (want != "") || (ok && got != want) {
			t.Errorf("manifestAccount(%q) = %q, %v", key, got, ok)
		}
	}
}

// A manifest that comes while its file is planned, or waits, is used all the same.
func TestAManifestThatComesBeforeApply(t *testing.T) {
	t.Parallel()
	w := setup(t)
	planning, more := make(chan struct{}), make(chan struct{})
	w.onPlan = func(_ context.Context, run *pipeline.Run) error {
		w.mu.Lock()
		first := w.planned[run.ImportID] == 1
		w.mu.Unlock()
		if first && run.FileName == "a.csv" {
			close(planning)
			<-more
		}
		return nil
	}
	w.put("uploads/default/feira/a.csv", "a\n")
	w.put("uploads/default/feirao/held.csv", manyBad)
	s, events := w.start()
	<-planning
	m := w.put("uploads/default/feira/_import.yaml", "list: outra\nset: {source: Feira}\n")
	must(t, s.ObjectCreated(t.Context(), m.Bucket, m.Key))
	must(t, s.ObjectCreated(t.Context(), m.Bucket, m.Key)) // announced twice
	close(more)
	w.until(events, "both imports are done", func() bool { return w.applied() == 1 && w.open() == 0 })
	ids := w.imports()
	run, row, err := w.db.LoadRun(t.Context(), postgres.AccountDefault, ids[0])
	must(t, err)
	want := schemas.Mapping{List: "outra", Set: map[string]string{"source": "Feira"}}
	if diff := cmp.Diff(want, run.Request.Mapping); diff != "" || row.State != schemas.Applied || w.plans(ids[0]) != 2 {
		t.Errorf("import is %s after %d plans, mapping (-want +got):\n%s", row.State, w.plans(ids[0]), diff)
	}
	if n := w.plans(ids[1]); n != 1 {
		t.Errorf("a file of another folder was planned %d times", n)
	}

	// The held one gets a manifest of its own, found by a scan.
	w.put("uploads/default/feirao/held.csv.import.yaml", "tags: [x]\n")
	_, err = s.walk(t.Context())
	must(t, err)
	w.until(events, "the held import is planned again", func() bool { return w.plans(ids[1]) == 2 && w.open() == 0 })
	if got := w.state(ids[1]); got.State != schemas.Ready || got.Code != "TOO_MANY_ERRORS" {
		t.Errorf("held import is %+v", got)
	}
}

func TestAManifestThatComesTooLate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.put("uploads/default/a.csv", "a\n")
	s, events := w.start()
	w.until(events, "the import is applied", w.is(schemas.Applied))
	id := w.imports()[0]
	w.put("uploads/default/a.csv.import.yaml", "tags: [x]\n")
	for range 2 {
		_, err := s.walk(t.Context())
		must(t, err)
	}
	w.until(events, "the second report", func() bool { return w.reported(id) == 2 && w.open() == 0 })
	want := []schemas.FileIssue{{Code: "MANIFEST_LATE", Severity: schemas.SeverityWarning, Detail: "bateia redo " + id.String()}}
	if diff := cmp.Diff(want, w.state(id).Facts.Issues); diff != "" {
		t.Errorf("issues mismatch (-want +got):\n%s", diff)
	}
	if w.applied() != 1 || w.plans(id) != 1 {
		t.Errorf("applied %d times, planned %d times", w.applied(), w.plans(id))
	}

	// Too old to be meant.
	w.exec("update scans set next_at = now()")
	must(t, in(w, "update imports set created_at = created_at - interval '1 hour'"))
	w.put("uploads/default/_import.yaml", "tags: [y]\n")
	_, err := s.walk(t.Context())
	must(t, err)
	if n := w.open(); n != 0 {
		t.Errorf("%d phases are owed for an old file", n)
	}
}
