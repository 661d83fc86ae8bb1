package stages_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// again is an import in the place of another one.
func again(id schemas.ImportID) func(*pipeline.Run) {
	return func(r *pipeline.Run) { r.RedoOf = id }
}

// Who was merged by hand stays merged when the import of either is made again.
func TestRedoOfAMergedProspect(t *testing.T) {
	t.Parallel()
	for _, which := range []int{0, 1} {
		b := setup(t)
		files := [][]lead{{{Phone: phoneA, Name: "Ana"}}, {{Email: emailB, Name: "Ana Souza"}}}
		var ids []schemas.ImportID
		for _, f := range files {
			ids = append(ids, b.take(t, f))
		}
		merged := b.merge(t, schemas.ProspectID(ids[0], 1), schemas.ProspectID(ids[1], 1))
		run := b.plan(t, files[which], again(ids[which]))
		b.finish(t, run)
		if got := b.states(t); len(got) != 1 {
			t.Errorf("%d prospects after redo of file %d, want 1: %+v", len(got), which, got)
		}
		if e := run.Facts.Effect; e == nil || e.Carried != 1 {
			t.Errorf("effect %+v, want one decision carried", e)
		}
		b.steady(t)
		b.undo(t, merged)
		if got := b.states(t); len(got) != 2 {
			t.Errorf("%d prospects after redo of file %d and the undo of the merge, want 2", len(got), which)
		}
		b.steady(t)
	}
}

// A merge is carried by each redo, also by that of an import that was undone.
func TestRedoOfAMergedProspectAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Ana Souza"}}
	first := b.take(t, file)
	b.merge(t, schemas.ProspectID(first, 2), schemas.ProspectID(first, 1))
	second := b.take(t, file, again(first))
	b.undo(t, second)
	third := b.take(t, file, again(second))
	got := b.states(t)
	if len(got) != 1 || got[0].ID != schemas.ProspectID(third, 2) {
		t.Errorf("%+v, want one prospect, the one that was named first", got)
	}
	b.steady(t)
}

// A merge speaks of rows, which a redo may leave under other ids than those that it named.
func TestRedoOfAMergeWhoseIdsGoOn(t *testing.T) {
	t.Parallel()
	t.Run("another row keeps the survivor's id", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		file := []lead{{Phone: phoneA}, {Phone: phoneB}}
		first := b.take(t, file)
		merged := b.merge(t, schemas.ProspectID(first, 2), schemas.ProspectID(first, 1))
		b.take(t, []lead{{Phone: phoneA, Email: emailA}})
		b.take(t, file, again(first))
		b.grouped(t, "redo", []string{"3:1", "4:1", "4:2"})
		b.undo(t, merged)
		b.grouped(t, "undo of the merge", []string{"3:1", "4:1"}, []string{"4:2"})
	})
	t.Run("a row of who merged outlives the others", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		first := b.take(t, []lead{{Phone: phoneA}})
		file := []lead{{Phone: phoneA, Name: "Caio"}}
		second := b.take(t, file)
		third := b.take(t, []lead{{Email: emailA}})
		b.merge(t, schemas.ProspectID(third, 1), schemas.ProspectID(first, 1))
		b.take(t, file, again(second))
		b.grouped(t, "redo", []string{"1:1", "3:1", "5:1"})
		b.undo(t, first)
		b.grouped(t, "undo of the first file", []string{"3:1", "5:1"})
	})
}

// Who was split stays split: those of one name on one phone, too.
func TestRedoOfASplitProspect(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"João", "Maria"}, {"João", "João"}} {
		b := setup(t)
		file := []lead{{Phone: phoneA, Name: names[0], City: "Canoas"}, {Phone: phoneA, Email: emailB, Name: names[1], City: "Lajeado"}}
		first := b.take(t, file)
		before := b.states(t)
		cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
		b.take(t, file, again(first))
		want := [][]string{{"3:1"}, {"3:2"}}
		if diff := cmp.Diff(want, leadsOf(b.states(t))); diff != "" {
			t.Errorf("%v: leads mismatch (-want +got):\n%s", names, diff)
		}
		if got := b.states(t); len(got) != 2 || got[0].ID != schemas.ProspectID(cut, 1) {
			t.Errorf("%v: %+v, want who was split to be who it was", names, got)
		}
		b.steady(t)
		third := b.take(t, []lead{{Email: emailB, Name: names[1], City: "Ivoti"}})
		b.steady(t)
		if diff := cmp.Diff([][]string{{"3:1"}, {"3:2", "4:1"}}, leadsOf(b.states(t))); diff != "" {
			t.Errorf("%v: leads mismatch after another import (-want +got):\n%s", names, diff)
		}
		b.undo(t, third)
		b.undo(t, cut)
		got := b.states(t)
		if len(got) != 1 || !cmp.Equal(got[0].Identities, before[0].Identities) {
			t.Errorf("%v: %+v after the undo of the split, want one prospect", names, got)
		}
		b.steady(t)
	}
}

// Who was split and then merged by hand is one, whichever of the two stays, and is two
// again when the merge goes.
func TestRedoOfASplitThatWasMergedAgain(t *testing.T) {
	t.Parallel()
	for _, which := range []int{0, 1} {
		b := setup(t)
		file := []lead{{Phone: phoneA, Name: "João"}, {Phone: phoneA, Name: "João", City: "Canoas"}}
		first := b.take(t, file)
		cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
		two := []string{schemas.ProspectID(first, 1), schemas.ProspectID(cut, 1)}
		merged := b.merge(t, two[which], two[1-which])
		check := func(when string, want ...[]string) {
			t.Helper()
			if diff := cmp.Diff(want, leadsOf(b.states(t))); diff != "" {
				t.Errorf("merged into %d, %s: leads mismatch (-want +got):\n%s", which, when, diff)
			}
			b.steady(t)
			if _, broken := b.broken(t); broken != "" {
				t.Errorf("merged into %d, %s: %s", which, when, broken)
			}
		}
		second := b.take(t, file, again(first))
		check("redo", []string{"4:1", "4:2"})
		b.take(t, file, again(second))
		check("second redo", []string{"5:1", "5:2"})
		b.undo(t, merged)
		check("undo of the merge", []string{"5:1"}, []string{"5:2"})
		b.undo(t, cut)
		check("undo of both", []string{"5:1", "5:2"})
	}
}

// A redo may refuse all rows of one side of a split: the other one is who it was. When
// they come again they are somebody else, as the value leads by name alone.
func TestRedoWithoutOneSideOfASplit(t *testing.T) {
	t.Parallel()
	for row := range 2 {
		b := setup(t)
		check := func(when string, want ...[]string) {
			t.Helper()
			if diff := cmp.Diff(want, leadsOf(b.states(t))); diff != "" {
				t.Errorf("row %d refused, %s: leads mismatch (-want +got):\n%s", row+1, when, diff)
			}
			b.steady(t)
			if _, broken := b.broken(t); broken != "" {
				t.Errorf("row %d refused, %s: %s", row+1, when, broken)
			}
		}
		file := []lead{{Phone: phoneA, Name: "João"}, {Phone: phoneA, Name: "Maria"}}
		first := b.take(t, file)
		cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2))
		without := b.take(t, slices.Replace(slices.Clone(file), row, row+1, lead{Name: "João"}), again(first))
		check("redo", [][]string{{"3:2"}, {"3:1"}}[row])
		b.take(t, file, again(without))
		if got := b.states(t); len(got) != 2 || len(got[0].Leads) != 1 {
			t.Errorf("row %d refused, then not: %+v, want two", row+1, got)
		}
		b.undo(t, cut)
		b.steady(t)
		if _, broken := b.broken(t); broken != "" {
			t.Errorf("row %d refused, undo of the split: %s", row+1, broken)
		}
	}
}

// A redo with another mapping carries decisions, too: what rows are is what people
// spoke of, not what they say.
func TestRedoWithAnotherMapping(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Email: emailB, Name: "Aninha"}})
	id := schemas.ProspectID(first, 1)
	b.merge(t, id, schemas.ProspectID(first, 3))
	b.split(t, id, schemas.LeadID(first, 2))
	b.take(t, []lead{{Phone: phoneB, Name: "Ana"}, {Phone: phoneB, Name: "Bia"}, {Email: emailB, Name: "Aninha"}}, again(first))
	if diff := cmp.Diff([][]string{{"4:1", "4:3"}, {"4:2"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch (-want +got):\n%s", diff)
	}
	b.steady(t)
	b.take(t, []lead{{Phone: phoneB, Name: "Bia", City: "Ivoti"}, {Phone: phoneB, Name: "Ana", City: "Ivoti"}, {Email: emailB, Name: "Aninha", City: "Ivoti"}})
	b.steady(t)
	if diff := cmp.Diff([][]string{{"4:1", "4:3", "5:2", "5:3"}, {"4:2", "5:1"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after another import (-want +got):\n%s", diff)
	}
}

// An unmerge is carried; who was unmerged is the same prospect if others say so, and
// is it again if nobody else does.
func TestRedoOfAnUnmergedProspect(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "João"}})
	second := b.take(t, []lead{{Email: emailB, Name: "João"}})
	file := []lead{{Phone: phoneA, Email: emailB, Name: "João"}}
	third := b.take(t, file)
	b.unmerge(t, schemas.ProspectID(second, 1))
	want := leadsOf(b.states(t))
	b.take(t, file, again(third))
	b.take(t, []lead{{Email: emailB, Name: "João"}}, again(second))
	b.steady(t)
	got := leadsOf(b.states(t))
	if len(got) != len(want) {
		t.Errorf("%v, want two as before: %v", got, want)
	}
	b.take(t, []lead{{Phone: phoneA, Name: "João"}}, again(first))
	b.steady(t)
	if got := leadsOf(b.states(t)); len(got) != 2 {
		t.Errorf("%v, want two as before: %v", got, want)
	}
}
