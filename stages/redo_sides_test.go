package stages_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// grouped checks who is one, that computing again changes nothing, and the laws.
func (b *bench) grouped(t *testing.T, when string, want ...[]string) {
	t.Helper()
	if diff := cmp.Diff(want, leadsOf(b.states(t))); diff != "" {
		t.Errorf("%s: leads mismatch (-want +got):\n%s\n%s", when, diff, b.shown(t))
	}
	b.steady(t)
	if id, broken := b.broken(t); broken != "" {
		t.Errorf("%s: %s %s", when, broken, id)
	}
}

// Rows of who stayed in a split stay there in a redo, though their names lead to who left.
func TestRedoOfWhoStayedWithTheNameOfWhoLeft(t *testing.T) {
	t.Parallel()
	t.Run("some of them", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		file := []lead{{Phone: phoneA, Name: "Ana"}}
		first := b.take(t, file)
		second := b.take(t, []lead{{Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Email: emailB, Name: "Ana"}})
		b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 2))
		b.take(t, file, again(first))
		b.grouped(t, "redo", []string{"2:1", "4:1"}, []string{"2:2"})
	})
	t.Run("all of them", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		file := []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}}
		first := b.take(t, file)
		second := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana"}})
		cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1))
		b.take(t, file, again(first))
		b.grouped(t, "redo", []string{"2:1"}, []string{"4:1", "4:2"})
		b.undo(t, cut)
		b.grouped(t, "undo", []string{"2:1", "4:1", "4:2"})
	})
}

// Rows that were written with an alias of either side are that side's in a redo.
func TestRedoOfAnAliasOfASide(t *testing.T) {
	t.Parallel()
	take := func(b *bench, files [][]lead) (ids []schemas.ImportID) {
		for _, f := range files {
			ids = append(ids, b.take(t, f))
		}
		return ids
	}
	t.Run("of who stayed", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		files := [][]lead{{{Email: emailB, Name: "Ana"}}, {{Phone: phoneA, Name: "Bia"}}, {{Phone: phoneA, Name: "Bia", City: "Canoas"}}, {{Email: emailB, Phone: phoneA, Name: "Ana"}}}
		ids := take(b, files)
		b.split(t, schemas.ProspectID(ids[0], 1), schemas.LeadID(ids[2], 1))
		b.take(t, files[1], again(ids[1]))
		b.grouped(t, "redo", []string{"1:1", "4:1", "6:1"}, []string{"3:1"})
	})
	for _, how := range []string{"split", "unmerge"} {
		t.Run("of who left by "+how, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			files := [][]lead{{{CPF: cpfAna, Name: "Ana"}}, {{Email: emailB, Name: "Bia"}}, {{Phone: phoneA, Name: "Ana"}}, {{Email: emailB, Phone: phoneA, Name: "Bia"}}, {{CPF: cpfAna, Phone: phoneA, Name: "Ana"}}}
			ids := take(b, files)
			if how == "split" {
				b.split(t, schemas.ProspectID(ids[0], 1), schemas.LeadID(ids[1], 1), schemas.LeadID(ids[2], 1), schemas.LeadID(ids[3], 1))
			} else {
				b.unmerge(t, schemas.ProspectID(ids[1], 1))
			}
			b.take(t, files[2], again(ids[2]))
			b.grouped(t, "redo", []string{"1:1", "5:1"}, []string{"2:1", "4:1", "7:1"})
		})
	}
}

// Who stayed in a split under several names stays one in a redo.
func TestRedoOfWhoStayedUnderSeveralNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Name: "Caio"}}
	first := b.take(t, file)
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 3))
	b.take(t, file, again(first))
	b.grouped(t, "redo", []string{"3:1", "3:2"}, []string{"3:3"})
	b.undo(t, cut)
	b.grouped(t, "undo", []string{"3:1", "3:2", "3:3"})
}

// A row that was split off stays so in a redo, though it says again by then what the
// other side says.
func TestRedoOfARowThatTheOtherSideSaysToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana"}})
	file := []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Ana"}}
	second := b.take(t, file)
	cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(second, 1))
	b.take(t, file[:1])
	b.grouped(t, "before", []string{"1:1", "4:1"}, []string{"2:1"})
	run := b.plan(t, file, again(second))
	run.Facts.Leads++ // as an attempt that failed leaves it
	b.finish(t, run)
	b.grouped(t, "redo", []string{"1:1", "4:1"}, []string{"5:1"})
	if n := run.Facts.Leads; n != 1 {
		t.Errorf("%d leads, want 1", n)
	}
	b.take(t, file, again(run.ImportID))
	b.grouped(t, "second redo", []string{"1:1", "4:1"}, []string{"6:1"})
	b.undo(t, cut)
	b.grouped(t, "undo of the split", []string{"1:1", "4:1", "6:1"})
	b.undo(t, run.ImportID+1)
	b.grouped(t, "undo of the redo", []string{"1:1", "4:1"})
}

// A redo of rows that only said something again leaves the lead to the decisions that
// named it.
func TestRedoOfRowsThatSaidTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Email: emailA, Name: "Ana"}, {Email: emailA, Name: "Ana"}})
	file := []lead{{Email: emailA, Name: "Ana"}}
	second := b.take(t, file)
	third := b.take(t, []lead{{Phone: phoneA}, {Email: emailA}})
	one := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 2), schemas.LeadID(third, 1), schemas.LeadID(third, 2))
	b.split(t, schemas.ProspectID(one, 1), schemas.LeadID(first, 2))
	b.grouped(t, "before", []string{"1:1"}, []string{"1:2"}, []string{"3:1", "3:2"})
	b.take(t, file, again(second))
	b.grouped(t, "redo", []string{"1:1"}, []string{"1:2", "6:1"}, []string{"3:1", "3:2"})
}
