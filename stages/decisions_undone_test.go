package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// A merge of three of which one was taken out is taken back whole, and so is the
// taking out afterwards.
func TestUndoOfAMergeOfWhichOneWasUnmerged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := threeAlone(t, b)
	before := b.states(t)
	all := b.merge(t, id(1), id(2), id(3))
	part := b.unmerge(t, id(2))
	b.undo(t, all)
	if got := b.states(t); len(got) != 3 {
		t.Errorf("%d prospects, want 3: %+v", len(got), got)
	}
	b.undo(t, part)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-before +after):\n%s", diff)
	}
}

// An unmerge that was undone keeps nobody apart when a merge after it is undone, too.
func TestUndoOfAnUnmergeAndOfAMergeAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := threeAlone(t, b)
	all := b.merge(t, id(1), id(2), id(3))
	part := b.unmerge(t, id(2))
	again := b.merge(t, id(3), id(2))
	b.undo(t, part)
	b.undo(t, again)
	if got := b.states(t); len(got) != 1 {
		t.Errorf("%d prospects, want 1: the first merge is in force", len(got))
	}
	b.undo(t, all)
	if got := b.states(t); len(got) != 3 {
		t.Errorf("%d prospects, want 3", len(got))
	}
}

// Nor does a split.
func TestUndoOfASplitAndOfAMergeAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia", Email: emailB}})
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.take(t, []lead{{Email: emailB, Phone: phoneB, Name: "Bia", City: "Canoas"}})
	merged := b.merge(t, schemas.ProspectID(first, 1), schemas.ProspectID(cut, 1))
	b.undo(t, cut)
	b.undo(t, merged)
	if n := b.count(t, "apart"); n > 0 {
		t.Errorf("%d pairs apart by a split that was undone", n)
	}
	if got := b.states(t); len(got) != 1 {
		t.Errorf("%d prospects, want 1", len(got))
	}
}

// What a split took from somebody whom a merge had brought goes home when both are
// undone, the merge first.
func TestUndoOfAMergeAndOfASplitAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Email: emailB, Phone: phoneB, Name: "Bela"}})
	id := func(row int64) string { return schemas.ProspectID(first, row) }
	before := b.states(t)
	merged := b.merge(t, id(1), id(2))
	cut := b.split(t, id(1), schemas.LeadID(first, 3))
	b.undo(t, merged)
	b.undo(t, cut)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-before +after):\n%s", diff)
	}
}

// A split from somebody whom a merge had brought is remembered without the merge.
func TestASplitOfAMergeIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Email: emailB, Phone: phoneB, Name: "Bela"}})
	id := func(row int64) string { return schemas.ProspectID(first, row) }
	merged := b.merge(t, id(1), id(2))
	cut := b.split(t, id(1), schemas.LeadID(first, 3))
	b.undo(t, merged)
	b.take(t, []lead{{Email: emailB, Phone: phoneB, Name: "Bia"}})
	b.steady(t)
	for _, s := range b.states(t) {
		if cmp.Equal(s.Aliases, []string{schemas.ProspectID(cut, 1)}) {
			t.Errorf("glued: %+v", s)
		}
	}
}

// A split of a value that an import had made a shared one needs no such import.
func TestASplitOfASharedValueIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.names = 2
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}})
	second := b.take(t, []lead{{Phone: phoneA, Name: "Bia"}})
	third := b.take(t, []lead{{Phone: phoneA, Name: "Caio"}})
	b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1))
	b.undo(t, third)
	b.take(t, []lead{{Phone: phoneA, Name: "Ana", City: "Canoas"}, {Phone: phoneA, Name: "Bia", City: "Lajeado"}})
	b.steady(t)
	var names []string
	for _, s := range b.states(t) {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"Ana", "Bia"}, names); diff != "" {
		t.Errorf("names mismatch (-want +got):\n%s", diff)
	}
}

// Who was split off keeps the id when the other one was erased and the split is undone.
func TestUndoOfASplitFromSomebodyErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia", Email: emailB}})
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
	b.erase(t, schemas.Person{Prospects: []string{schemas.ProspectID(first, 1)}})
	before := b.states(t)
	b.undo(t, cut)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-before +after):\n%s", diff)
	}
}

// A split names its leads wherever they went since: what said the same again took
// their place.
func TestASplitKnowsLeadsThatMoved(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		file func(id string) []lead
	}{
		{"named by id", func(id string) []lead { return []lead{{ID: id, City: "Canoas"}} }},
		{"found by a value", func(string) []lead { return []lead{{Phone: phoneA, Name: "Bia"}} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := schemas.ProspectID(b.take(t, []lead{{Phone: phoneA, Name: "Ana"}}), 1)
			second := b.take(t, tt.file(id))
			b.take(t, tt.file(id))
			cut := b.split(t, id, schemas.LeadID(second, 1))
			b.undo(t, second)
			b.undo(t, cut)
			if got := b.states(t); len(got) != 1 || len(got[0].Aliases) > 0 {
				t.Errorf("got %+v, want one prospect", got)
			}
		})
	}
	t.Run("held together", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		again := []lead{{Phone: phoneA, Name: "Bia"}}
		first := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana"}})
		second := b.take(t, again)
		third := b.take(t, []lead{{Email: emailB, Name: "Bia"}})
		b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1), schemas.LeadID(third, 1))
		b.take(t, again)
		b.undo(t, second)
		if got := b.states(t); len(got) != 2 {
			t.Errorf("got %+v, want two prospects", got)
		}
	})
}

// threeAlone imports three people, and returns who a row is.
func threeAlone(t *testing.T, b *bench) func(row int64) string {
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}, {Phone: phoneB, Name: "Caio"}})
	return func(row int64) string { return schemas.ProspectID(first, row) }
}
