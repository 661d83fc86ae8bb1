package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// externalOnly lets the account join by the ids of its own system alone.
func externalOnly(run *pipeline.Run) { run.Account.Settings.MatchPolicy = schemas.MatchExternalID }

// Where external ids alone join, an edit by id that repeats values of its prospect adds
// none of them a second time, whatever else it says; and what it brings is there once.
func TestAnEditRepeatsAValueUnderExternalIDOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{External: "crm:1", Phone: phoneA, Name: "Ana"}, {External: "crm:2", Phone: phoneA, Name: "Bia"}, {Phone: phoneB, Name: "Caio"}}, externalOnly)
	ana, bia, caio := schemas.ProspectID(first, 1), schemas.ProspectID(first, 2), schemas.ProspectID(first, 3)
	edit := func(n int, rows ...lead) {
		t.Helper()
		run := b.plan(t, rows, externalOnly)
		b.finish(t, run)
		if l := ledgerOf(run); l.Rejected+l.Created != 0 {
			t.Errorf("%+v: ledger %+v", rows, l)
		}
		if got := b.count(t, "identities"); got != n {
			t.Errorf("%+v: %d identities, want %d\n%s", rows, got, n, b.shown(t))
		}
		b.steady(t)
		if _, broken := b.broken(t); broken != "" {
			t.Errorf("%+v: %s", rows, broken)
		}
	}
	edit(5, lead{ID: ana, Phone: phoneA, Name: "Ana"})
	edit(5, lead{ID: ana, Phone: phoneA, City: "Canoas"}, lead{ID: bia, Phone: phoneA, City: "Torres"}, lead{ID: caio, Phone: phoneB, City: "Lajeado"})
	edit(5, lead{ID: ana, External: "crm:1", Phone: phoneA, City: "Osório"})
	edit(6, lead{ID: ana, Phone: phoneA, Email: emailA})
	edit(6, lead{ID: ana, Email: emailA, City: "Canoas"})
	edit(7, lead{ID: caio, External: "crm:3", Phone: phoneB})

	before := b.states(t)
	run := b.plan(t, []lead{{External: "crm:1", Phone: phoneA, Name: "Ana"}, {External: "crm:2", Phone: phoneA, Name: "Bia"}, {Phone: phoneB, Name: "Caio"}}, externalOnly)
	b.finish(t, run)
	if l := ledgerOf(run); l.Unchanged != 3 {
		t.Errorf("the first file again: ledger %+v, want nothing new", l)
	}
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("the first file again (-before +after):\n%s", diff)
	}
}

// What an edit repeated stays its prospect's when the import goes that said it first,
// and is found there when that comes again.
func TestAnEditKeepsAValueUnderExternalIDOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := []lead{{External: "crm:1", Phone: phoneA, Name: "Ana"}}
	first := b.take(t, rows, externalOnly)
	b.take(t, []lead{{ID: schemas.ProspectID(first, 1), Phone: phoneA, City: "Canoas"}}, externalOnly)
	b.undo(t, first)
	if got := b.states(t); len(got) != 1 || got[0].Phone != phoneA || len(got[0].Identities) != 1 {
		t.Errorf("without the first import: %+v", got)
	}
	if run := b.plan(t, rows, externalOnly); ledgerOf(run).Updated != 1 {
		t.Errorf("the first file again: ledger %+v, want its prospect updated", ledgerOf(run))
	}
}
