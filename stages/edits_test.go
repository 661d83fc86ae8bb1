package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// An edit by id goes together with rows that lead to the same prospect by a value that
// it repeats, and is in nobody's way whose edit is refused for it.
func TestAnEditBesideRowsWithItsOwnValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows []lead // ID is the place of a prospect
		want schemas.Ledger
	}{
		{"a row of the same person", []lead{{ID: "0", Phone: phoneA, City: "Canoas"}, {Phone: phoneA, Name: "Ana Souza"}}, schemas.Ledger{Read: 2, Updated: 1, Duplicate: 1}},
		{"in another order", []lead{{Phone: phoneA, Name: "Ana Souza"}, {ID: "0", Phone: phoneA, City: "Canoas"}}, schemas.Ledger{Read: 2, Updated: 1, Duplicate: 1}},
		{"an edit of somebody else", []lead{{ID: "0", Phone: phoneA, City: "Canoas"}, {ID: "1", Phone: phoneA}}, schemas.Ledger{Read: 2, Updated: 1, Rejected: 1}},
		{"a row that brings the value too", []lead{{ID: "0", Email: "novo@exemplo.com.br"}, {Email: "novo@exemplo.com.br"}}, schemas.Ledger{Read: 2, Created: 1, Rejected: 1}},
		{"a row with another document", []lead{{ID: "2", Phone: phoneC, City: "Canoas"}, {Phone: phoneC, CPF: cpfBia}}, schemas.Ledger{Read: 2, Updated: 1, Created: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Phone: phoneC, CPF: cpfAna, Name: "Caio"}})
			people := b.states(t)
			for i, l := range tt.rows {
				if l.ID != "" {
					tt.rows[i].ID = people[l.ID[0]-'0'].ID
				}
			}
			run := b.plan(t, tt.rows)
			b.finish(t, run)
			if diff := cmp.Diff(tt.want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s\n%v", diff, codesOf(run))
			}
			b.steady(t)
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
		})
	}
}

// A document that an edit gives to who had none keeps others from the prospect within
// the file as it does afterwards.
func TestADocumentGivenByIDKeepsApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files [][]lead // any ID is Ana's
	}{
		{"the edit first", [][]lead{{{ID: "ana", CPF: cpfAna}, {Phone: phoneA, CPF: cpfBia}}}},
		{"the edit last", [][]lead{{{Phone: phoneA, CPF: cpfBia}, {ID: "ana", CPF: cpfAna}}}},
		{"the edit before", [][]lead{{{ID: "ana", CPF: cpfAna}}, {{Phone: phoneA, CPF: cpfBia}}}},
		{"who has one", [][]lead{{{Email: emailB, CPF: cpfBia}}, {{ID: "ana", CPF: cpfAna}, {Phone: phoneA, Email: emailB}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
			var last *pipeline.Run
			for _, f := range tt.files {
				for i := range f {
					if f[i].ID != "" {
						f[i].ID = schemas.ProspectID(first, 1)
					}
				}
				last = b.plan(t, f)
				b.finish(t, last)
				b.steady(t)
			}
			for _, p := range b.states(t) {
				if len(p.Aliases) > 0 {
					t.Errorf("merged: %+v", p)
				}
			}
			if n := codesOf(last)["MATCH_CONFLICT"]; n != 1 {
				t.Errorf("MATCH_CONFLICT on %d rows, want 1\n%s", n, b.shown(t))
			}
			before := b.dump(t)
			for _, f := range tt.files {
				b.finish(t, b.plan(t, f))
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("the same files again changed the base (-before +after):\n%s", diff)
			}
		})
	}
}

// A cell that was edited in an export and has changed in the base since is in conflict,
// also when that happened between plan and apply. Who edited it as the base was, did it.
func TestEditsOfAnExport(t *testing.T) {
	t.Parallel()
	incoming := func(run *pipeline.Run) { run.Request.Mapping.Options.Survivorship = survivorship.IncomingWins }
	for _, tt := range []struct {
		name         string
		now, later   string // the base's city when it is planned, and what another import says before apply
		gave, edited string
		want         schemas.Ledger
		city         string
	}{
		{"edited here", "Canoas", "", "Canoas", "Lajeado", schemas.Ledger{Read: 1, Updated: 1}, "Lajeado"},
		{"changed there", "Esteio", "", "Canoas", "", schemas.Ledger{Read: 1, Unchanged: 1}, "Esteio"},
		{"both", "Esteio", "", "Canoas", "Lajeado", schemas.Ledger{Read: 1, Conflict: 1}, "Esteio"},
		{"both to the same", "Lajeado", "", "Canoas", "Lajeado", schemas.Ledger{Read: 1, Unchanged: 1}, "Lajeado"},
		{"both, where there was nothing", "Esteio", "", "", "Lajeado", schemas.Ledger{Read: 1, Conflict: 1}, "Esteio"},
		{"filled here", "", "", "", "Lajeado", schemas.Ledger{Read: 1, Updated: 1}, "Lajeado"},
		{"between plan and apply", "Canoas", "Esteio", "Canoas", "Lajeado", schemas.Ledger{Read: 1, Conflict: 1}, "Esteio"},
		{"changed there between plan and apply", "Canoas", "Esteio", "Canoas", "", schemas.Ledger{Read: 1, Unchanged: 1}, "Esteio"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: tt.now}})
			run := b.plan(t, []lead{{ID: b.states(t)[0].ID, City: tt.edited, Export: true, Gave: tt.gave}})
			if tt.later != "" {
				b.take(t, []lead{{Phone: phoneA, City: tt.later}}, incoming)
			}
			b.finish(t, run)
			if diff := cmp.Diff(tt.want, ledgerOf(run)); diff != "" {
				t.Errorf("ledger mismatch (-want +got):\n%s\n%v", diff, codesOf(run))
			}
			if got := b.states(t)[0].City; got != tt.city {
				t.Errorf("the city is %q, want %q", got, tt.city)
			}
			if codes := codesOf(run); (tt.want.Conflict > 0) != (codes["EDIT_CONFLICT"] > 0) {
				t.Errorf("codes %v", codes)
			}
			b.steady(t)
		})
	}
}

// Who is given another phone, e-mail or document by hand is found by the old one no more,
// but together with the name: it is somebody else's by now, or was wrong. With the edit
// that ends.
func TestAnEditedIdentityReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		was         lead
		edit        lead // ID is the prospect's
		next        lead
		want, after int // prospects after next, and when it comes once the edit was taken back
	}{
		{"a phone that is somebody else's now", lead{Phone: phoneA, Name: "Ana"}, lead{Phone: phoneC}, lead{Phone: phoneA, Name: "Bia"}, 2, 1},
		{"the same person again", lead{Phone: phoneA, Name: "Ana"}, lead{Phone: phoneC}, lead{Phone: phoneA, Name: "ANA"}, 1, 1},
		{"the new phone", lead{Phone: phoneA, Name: "Ana"}, lead{Phone: phoneC}, lead{Phone: phoneC, Name: "Bia"}, 1, 2},
		{"an e-mail", lead{Phone: phoneA, Email: emailA, Name: "Ana"}, lead{Email: emailB}, lead{Email: emailA, Name: "Bia"}, 2, 1},
		{"a document", lead{Phone: phoneA, CPF: cpfAna, Name: "Ana"}, lead{CPF: cpfBia}, lead{CPF: cpfAna, Name: "Bia"}, 2, 1},
		{"what stays still joins", lead{Phone: phoneA, Email: emailA, Name: "Ana"}, lead{Email: emailB}, lead{Phone: phoneA, Name: "Bia"}, 1, 1},
		{"an e-mail where there was none", lead{Phone: phoneA, Name: "Ana"}, lead{Email: emailB}, lead{Phone: phoneA, Name: "Bia"}, 1, 1},
		{"the same phone", lead{Phone: phoneA, Name: "Ana"}, lead{Phone: phoneA, City: "Canoas"}, lead{Phone: phoneA, Name: "Bia"}, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, []lead{tt.was})
			tt.edit.ID = b.states(t)[0].ID
			edit := b.take(t, []lead{tt.edit})
			next := b.take(t, []lead{tt.next})
			b.steady(t)
			if got := len(b.states(t)); got != tt.want {
				t.Errorf("%d prospects, want %d: %v", got, tt.want, b.states(t))
			}
			b.undo(t, next)
			b.undo(t, edit)
			b.steady(t)
			b.take(t, []lead{tt.next})
			if got := len(b.states(t)); got != tt.after {
				t.Errorf("%d prospects after the edit was taken back, want %d: %v", got, tt.after, b.states(t))
			}
			if _, broken := b.broken(t); broken != "" {
				t.Error(broken)
			}
		})
	}
}
