package stages_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
)

// A split of a value that an earlier split had divided holds without that one.
func TestTwoSplitsOfOneValue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Phone: phoneA, Name: "Caio"}})
	before := b.states(t)
	id := schemas.ProspectID(first, 1)
	one := b.split(t, id, schemas.LeadID(first, 2))
	two := b.split(t, id, schemas.LeadID(first, 3))
	b.undo(t, one)
	if diff := cmp.Diff([][]string{{"1:1", "1:2"}, {"1:3"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after the undo of the first split (-want +got):\n%s", diff)
	}
	b.steady(t)
	b.undo(t, two)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch after both undos (-before +after):\n%s", diff)
	}
}

// Whichever splits are in force, a lead is with those that the same split named
// last, and so is who says it again.
func TestSplitsUndoneInAnyOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for seed := range uint64(15) {
		b.forget(t)
		splitsUndone(t, b, rand.New(rand.NewPCG(seed, 1)))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// cut is a split and the leads that it named.
type cut struct {
	id    schemas.ImportID
	leads []int
}

func splitsUndone(t *testing.T, b *bench, r *rand.Rand) {
	names := []string{"Ana", "Bia", "Caio", "Davi", "Eva"}
	alike := r.IntN(3) == 0
	var rows []lead
	for i, name := range names {
		if alike {
			name = "José"
		}
		rows = append(rows, lead{Phone: phoneA, Name: name, Email: fmt.Sprintf("%d@exemplo.com.br", i)})
	}
	first := b.take(t, rows)
	before := b.states(t)
	var cuts []cut
	var told []string
	check := func() {
		t.Helper()
		if diff := cmp.Diff(wantedAfter(len(rows), cuts), leadsOf(b.states(t))); diff != "" {
			t.Fatalf("leads mismatch after %v (-want +got):\n%s", told, diff)
		}
		b.steady(t)
	}
	for range 2 + r.IntN(3) {
		groups := slices.DeleteFunc(b.states(t), func(s state) bool { return len(s.Leads) == 1 })
		if len(groups) == 0 {
			break
		}
		of := groups[r.IntN(len(groups))]
		c := cut{}
		var ids []string
		for _, l := range of.Leads[1:] {
			if r.IntN(2) == 0 || l == of.Leads[len(of.Leads)-1] && len(ids) == 0 {
				var n int
				fmt.Sscanf(l, "1:%d", &n)
				c.leads, ids = append(c.leads, n), append(ids, schemas.LeadID(first, int64(n)))
			}
		}
		c.id = b.split(t, of.ID, ids...)
		told = append(told, fmt.Sprintf("split %v", c.leads))
		cuts = append(cuts, c)
		check()
	}
	undone := r.IntN(len(cuts) + 1)
	for range undone {
		i := r.IntN(len(cuts))
		told = append(told, fmt.Sprintf("undo of split %v", cuts[i].leads))
		b.undo(t, cuts[i].id)
		cuts = slices.Delete(cuts, i, i+1)
		check()
	}
	if len(cuts) == 0 {
		if diff := cmp.Diff(before, b.states(t)); diff != "" {
			t.Errorf("prospects mismatch after %v (-before +after):\n%s", told, diff)
		}
	}
	if alike {
		return
	}
	var once []lead
	for _, name := range names {
		once = append(once, lead{Phone: phoneA, Name: name, City: "Canoas"})
	}
	again := b.take(t, once)
	for i, name := range names {
		for _, s := range b.states(t) {
			mine := slices.Contains(s.Leads, fmt.Sprintf("1:%d", i+1))
			if mine != slices.Contains(s.Leads, fmt.Sprintf("%d:%d", again&4095, i+1)) {
				t.Errorf("after %v %s is with %v", told, name, s.Leads)
			}
		}
	}
	b.steady(t)
}

// wantedAfter is which of n leads of one import are one.
func wantedAfter(n int, cuts []cut) (out [][]string) {
	at := map[int]int{} // which split named a lead last → place in out
	for l := 1; l <= n; l++ {
		last := -1
		for i, c := range cuts {
			if slices.Contains(c.leads, l) {
				last = i
			}
		}
		if _, some := at[last]; !some {
			at[last] = len(out)
			out = append(out, nil)
		}
		out[at[last]] = append(out[at[last]], fmt.Sprintf("1:%d", l))
	}
	return out
}

// leadsOf are the leads of each prospect, in the order of the first ones.
func leadsOf(people []state) (out [][]string) {
	for _, s := range people {
		out = append(out, s.Leads)
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

// An alias whose leads all leave is a prospect again, and answers to its id.
func TestSplitOfAllLeadsOfAnAlias(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Email: emailB, Name: "Bia"}})
	b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Ana"}})
	before := b.states(t)
	alias := schemas.ProspectID(first, 2)
	if diff := cmp.Diff([]string{alias}, before[0].Aliases); diff != "" {
		t.Fatalf("aliases mismatch (-want +got):\n%s", diff)
	}
	cut := b.split(t, before[0].ID, schemas.LeadID(first, 2))
	got := b.states(t)
	if len(got) != 2 || got[1].ID != alias {
		t.Errorf("%+v, want %s to be a prospect again", got, alias)
	}
	b.steady(t)
	b.undo(t, cut)
	if diff := cmp.Diff(before, b.states(t)); diff != "" {
		t.Errorf("prospects mismatch (-before +after):\n%s", diff)
	}
}

// So it is when a person had merged it, and a second split of it is none of its first.
func TestSplitOfAllLeadsOfAMerge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}})
	before := b.states(t)
	id := schemas.ProspectID(first, 1)
	one := b.split(t, id, schemas.LeadID(first, 2))
	apart := leadsOf(b.states(t))
	b.merge(t, id, schemas.ProspectID(one, 1))
	two := b.split(t, id, schemas.LeadID(first, 2))
	if diff := cmp.Diff(apart, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch (-want +got):\n%s", diff)
	}
	b.undo(t, one)
	if diff := cmp.Diff(apart, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after the undo of the first split (-want +got):\n%s", diff)
	}
	b.take(t, []lead{{Phone: phoneA, Name: "Bia", City: "Canoas"}, {Phone: phoneA, Name: "Ana", City: "Canoas"}})
	b.steady(t)
	if diff := cmp.Diff([][]string{{"1:1", "6:2"}, {"1:2", "6:1"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after they were said again (-want +got):\n%s", diff)
	}
	b.undo(t, schemas.ImportID(b.base()+6))
	b.undo(t, two)
	if got := b.states(t); len(got) != 1 || !cmp.Equal(got[0].Leads, before[0].Leads) {
		t.Errorf("%+v, want one prospect", got)
	}
}

// A merge that was revoked names who has the leads again when the split is undone that
// had founded its prospect, and so it can be in force again.
func TestARevokedMergeOfWhoWasSplit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, []lead{{Phone: phoneA, Name: "Ana"}, {Phone: phoneA, Name: "Bia"}, {Email: emailB, Name: "Caio"}})
	id := schemas.ProspectID(first, 1)
	cut := b.split(t, id, schemas.LeadID(first, 2))
	b.merge(t, schemas.ProspectID(cut, 1), schemas.ProspectID(first, 3))
	parted := b.unmerge(t, schemas.ProspectID(first, 3))
	b.undo(t, cut)
	if diff := cmp.Diff([][]string{{"1:1", "1:2"}, {"1:3"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after the undo of the split (-want +got):\n%s", diff)
	}
	b.undo(t, parted)
	if diff := cmp.Diff([][]string{{"1:1", "1:2", "1:3"}}, leadsOf(b.states(t))); diff != "" {
		t.Errorf("leads mismatch after the undo of the unmerge, too (-want +got):\n%s", diff)
	}
	b.steady(t)
}

// Rows that stood between people who were apart join them when they are not any more:
// with whom they lead to, whoever of these is older.
func TestWhoStoodBetweenJoinsAfterwards(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files [][]lead // João is split from Ana after the first
	}{
		{"another one is younger", [][]lead{
			{{Phone: phoneA, Email: emailB, Name: "Ana"}, {Phone: phoneA}, {External: "crm:1"}},
			{{Email: emailB, External: "crm:1"}, {Phone: phoneA, Email: emailB}}}},
		{"another one is older", [][]lead{
			{{External: "crm:1"}, {Phone: phoneA, Email: emailB, Name: "Ana"}, {Phone: phoneA}},
			{{Email: emailB, External: "crm:1"}, {Phone: phoneA, Email: emailB}}}},
	} {
		for _, how := range []string{"undo", "merge"} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				first := b.take(t, tt.files[0])
				row := int64(1)
				if tt.files[0][0].Phone == "" {
					row = 2
				}
				cut := b.split(t, schemas.ProspectID(first, row), schemas.LeadID(first, row+1))
				b.take(t, tt.files[1])
				if n := len(b.states(t)); n != 3 {
					t.Errorf("%d prospects while the split stands, want 3\n%s", n, b.shown(t))
				}
				last := cut
				if how == "undo" {
					b.undo(t, cut)
				} else {
					last = b.merge(t, schemas.ProspectID(first, row), schemas.ProspectID(cut, 1))
				}
				if n := len(b.states(t)); n != 1 {
					t.Errorf("%d prospects afterwards, want 1\n%s", n, b.shown(t))
				}
				b.steady(t)
				if id, broken := b.broken(t); broken != "" {
					t.Errorf("%s: %s", broken, id)
				}
				if how == "merge" {
					b.undo(t, last)
					if n := len(b.states(t)); n != 3 {
						t.Errorf("%d prospects after the undo of the merge, want 3\n%s", n, b.shown(t))
					}
					b.steady(t)
				}
			})
		}
	}
}

// Undo of a split puts together who fell apart of one of its sides while it stood, by
// whatever was taken back or split since.
func TestSplitsUndoneAfterASideFellApart(t *testing.T) {
	t.Parallel()
	rows := []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneA, Name: "Bia"}, {Email: emailB, Name: "Caio"}}
	for _, tt := range []struct {
		name string
		do   func(b *bench)
		want [][]string
	}{
		{"by the undo of an import", func(b *bench) {
			first := b.take(t, rows)
			second := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Davi"}})
			cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1))
			b.undo(t, second)
			b.grouped(t, "undo of the import", []string{"1:1"}, []string{"1:2"}, []string{"1:3"})
			b.undo(t, cut)
		}, [][]string{{"1:1", "1:2", "1:3"}}},
		{"by a redo", func(b *bench) {
			first := b.take(t, rows)
			second := b.take(t, []lead{{Phone: phoneA, Email: emailB, Name: "Davi"}})
			cut := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1))
			b.take(t, []lead{{Phone: phoneB, Name: "Davi"}}, again(second))
			b.undo(t, cut)
		}, [][]string{{"1:1", "1:2", "1:3"}, {"4:1"}}},
		{"by the undo of an earlier split", func(b *bench) {
			first := b.take(t, rows)
			one := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1), schemas.LeadID(first, 3))
			other := b.split(t, schemas.ProspectID(one, 1), schemas.LeadID(first, 1))
			b.undo(t, one)
			b.undo(t, other)
		}, [][]string{{"1:1", "1:2", "1:3"}}},
		{"by a later split, the earlier one first", func(b *bench) {
			first := b.take(t, append(rows, lead{Phone: phoneA, Email: emailB, Name: "Davi"}))
			one := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1))
			other := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 4))
			b.grouped(t, "both", []string{"1:1"}, []string{"1:2"}, []string{"1:3"}, []string{"1:4"})
			b.undo(t, one)
			b.grouped(t, "undo of one", []string{"1:1", "1:2", "1:3"}, []string{"1:4"})
			b.undo(t, other)
		}, [][]string{{"1:1", "1:2", "1:3", "1:4"}}},
		{"among three", func(b *bench) {
			first := b.take(t, []lead{{Phone: phoneA, Email: emailB}, {Phone: phoneA, Name: "Bia"}, {Email: emailB}, {Email: emailB, Name: "Caio"}})
			one := b.split(t, schemas.ProspectID(first, 1), schemas.LeadID(first, 1), schemas.LeadID(first, 3), schemas.LeadID(first, 4))
			b.split(t, schemas.ProspectID(one, 1), schemas.LeadID(first, 3))
			other := b.split(t, schemas.ProspectID(one, 1), schemas.LeadID(first, 1))
			b.undo(t, one)
			b.undo(t, other)
		}, [][]string{{"1:1", "1:2", "1:4"}, {"1:3"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tt.do(b)
			got := leadsOf(b.states(t))
			slices.SortFunc(got, func(x, y []string) int { return strings.Compare(x[0], y[0]) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("leads mismatch (-want +got):\n%s\n%s", diff, b.shown(t))
			}
			b.steady(t)
			if id, broken := b.broken(t); broken != "" {
				t.Errorf("%s: %s", broken, id)
			}
		})
	}
}

// Who was merged and then split, which left the other one without a lead, is merged again
// when the split is undone: the merge stands.
func TestUndoOfASplitOfAMergeOfTwo(t *testing.T) {
	t.Parallel()
	for _, row := range []int64{1, 2} {
		b := setup(t)
		first := b.take(t, []lead{{Phone: phoneB}, {Phone: phoneA}})
		merged := b.merge(t, schemas.ProspectID(first, 2), schemas.ProspectID(first, 1))
		before := b.states(t)
		cut := b.split(t, schemas.ProspectID(first, 2), schemas.LeadID(first, row))
		b.grouped(t, "split", []string{"1:1"}, []string{"1:2"})
		b.undo(t, cut)
		b.grouped(t, "undo", []string{"1:1", "1:2"})
		if diff := cmp.Diff(before, b.states(t)); diff != "" {
			t.Errorf("the undo of the split did not restore (-before +after):\n%s", diff)
		}
		b.undo(t, merged)
		b.grouped(t, "undo of the merge", []string{"1:1"}, []string{"1:2"})
	}
}
