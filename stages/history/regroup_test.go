package history

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
)

// at makes a lead of row 1 of an import, written with an id, with keys of one
// letter each.
func at(id schemas.ImportID, prospect, keys string) *lead {
	l := &lead{place: place{ref: ref{id, 1}, Applied: int64(id)}, Prospect: prospect}
	for _, k := range []byte(keys) {
		l.Keys = append(l.Keys, key{k})
	}
	return l
}

func byID(l *lead) *lead {
	l.ByID = true
	return l
}

// p is the id of the prospect that an import's first row founds.
func p(id schemas.ImportID) string { return schemas.ProspectID(id, 1) }

// group is a component as the tests compare it.
type group struct {
	ID      string
	Aliases []string
	Leads   []schemas.ImportID
}

func groups(components []component) []group {
	var out []group
	for _, c := range components {
		g := group{ID: c.ID, Aliases: c.Aliases}
		for _, l := range c.Leads {
			g.Leads = append(g.Leads, l.Import)
		}
		out = append(out, g)
	}
	return out
}

func TestRegroup(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		given grouping
		want  []group
		gone  []string
	}{
		{"a bridge joins, the oldest survives",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), at(3, p(1), "ab")}},
			[]group{{p(1), []string{p(2)}, []schemas.ImportID{1, 2, 3}}}, nil},
		{"without the bridge both have their ids again",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b")}},
			[]group{{p(1), nil, []schemas.ImportID{1}}, {p(2), nil, []schemas.ImportID{2}}}, nil},
		{"what came later to the merged one goes with its identity",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), at(4, p(1), "bc")}},
			[]group{{p(1), nil, []schemas.ImportID{1}}, {p(2), nil, []schemas.ImportID{2, 4}}}, nil},
		{"a lead that stood on the bridge founds its own",
			grouping{IDs: []string{p(1)}, Leads: []*lead{at(1, p(1), "a"), at(4, p(1), "c")}},
			[]group{{p(1), nil, []schemas.ImportID{1}}, {p(4), nil, []schemas.ImportID{4}}}, nil},
		{"the survivor goes, what merged into it stays",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(2, p(2), "b"), at(3, p(1), "b")}},
			[]group{{p(1), []string{p(2)}, []schemas.ImportID{2, 3}}}, nil},
		{"an id without leads is gone",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(2, p(2), "b")}},
			[]group{{p(2), nil, []schemas.ImportID{2}}}, []string{p(1)}},
		{"an edit by hand stays with whom it named",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), byID(at(5, p(1), ""))}},
			[]group{{p(1), nil, []schemas.ImportID{1, 5}}, {p(2), nil, []schemas.ImportID{2}}}, nil},
		{"an edit by hand alone keeps the prospect",
			grouping{IDs: []string{p(1)}, Leads: []*lead{byID(at(5, p(1), ""))}},
			[]group{{p(1), nil, []schemas.ImportID{5}}}, nil},
		{"a decision joins, and its survivor survives",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b")}, Merges: []merge{{Survivor: p(2), Others: []string{p(1)}}}},
			[]group{{p(2), []string{p(1)}, []schemas.ImportID{1, 2}}}, nil},
		{"an older one that joins by identity survives the survivor of a decision",
			grouping{IDs: []string{p(1), p(2), p(3)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), at(3, p(3), "c"), at(4, p(1), "ac")},
				Merges: []merge{{Survivor: p(3), Others: []string{p(2)}}}},
			[]group{{p(1), []string{p(2), p(3)}, []schemas.ImportID{1, 2, 3, 4}}}, nil},
		{"what merged before a decision loses too, and leaves with its bridge",
			grouping{IDs: []string{p(1), p(2), p(3)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), at(3, p(3), "c")},
				Merges: []merge{{Survivor: p(3), Others: []string{p(1)}, Aliases: []string{p(2)}}}},
			[]group{{p(3), []string{p(1)}, []schemas.ImportID{1, 3}}, {p(2), nil, []schemas.ImportID{2}}}, nil},
		{"apart stays apart whatever bridges",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(2), "b"), at(3, p(1), "ab")}, Apart: [][2]string{{p(2), p(1)}}},
			[]group{{p(1), nil, []schemas.ImportID{1, 3}}, {p(2), nil, []schemas.ImportID{2}}}, nil},
		{"what a split took away holds together, what came later does not",
			grouping{IDs: []string{p(1), p(9)}, Leads: []*lead{at(1, p(1), "a"), at(2, p(9), "b"), at(3, p(9), "c"), at(10, p(9), "d")},
				Held: []held{{Prospect: p(9), Before: 9}}},
			[]group{{p(1), nil, []schemas.ImportID{1}}, {p(9), nil, []schemas.ImportID{2, 3}}, {p(10), nil, []schemas.ImportID{10}}}, nil},
		{"a founder that was written elsewhere founds no id that exists",
			grouping{IDs: []string{p(1), p(2)}, Leads: []*lead{at(1, p(2), "a"), at(2, p(2), "b"), at(3, p(1), "c")}},
			[]group{{schemas.ProspectID(1, 1|foundAgain), nil, []schemas.ImportID{1}}, {p(2), nil, []schemas.ImportID{2}}, {p(1), nil, []schemas.ImportID{3}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, gone := regroup(tt.given)
			if diff := cmp.Diff(tt.want, groups(got), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("components mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.gone, gone); diff != "" {
				t.Errorf("gone mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRegroupLaws: every lead is in one component, every id in one place, no
// component is without a lead, who is apart stays so, and computing again what was
// computed changes nothing.
func TestRegroupLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var g grouping
		for i := range schemas.ImportID(rapid.IntRange(1, 9).Draw(t, "leads")) {
			founder := schemas.ImportID(rapid.IntRange(1, int(i)+1).Draw(t, "prospect"))
			l := at(i+1, p(founder), rapid.StringMatching("[a-f]{1,3}").Draw(t, "keys"))
			// An edit by hand that brings somebody else's identity is refused.
			if l.ByID = founder != i+1 && rapid.Bool().Draw(t, "by id"); l.ByID {
				l.Keys = nil
			}
			g.Leads = append(g.Leads, l)
			if !slices.Contains(g.IDs, l.Prospect) {
				g.IDs = append(g.IDs, l.Prospect)
			}
		}
		if rapid.Bool().Draw(t, "extra id") {
			g.IDs = append(g.IDs, p(77))
		}
		id := rapid.SampledFrom(g.IDs)
		if rapid.Bool().Draw(t, "decided") {
			g.Merges = append(g.Merges, merge{Survivor: id.Draw(t, "survivor"), Others: []string{id.Draw(t, "other")}})
		}
		if rapid.Bool().Draw(t, "apart") {
			if a, b := id.Draw(t, "one"), id.Draw(t, "two"); a != b {
				g.Apart = append(g.Apart, [2]string{a, b})
			}
		}
		components, gone := regroup(g)
		leads, ids := 0, slices.Clone(gone)
		for _, c := range components {
			if len(c.Leads) == 0 {
				t.Fatal("a component without a lead")
			}
			leads += len(c.Leads)
			ids = append(append(ids, c.ID), c.Aliases...)
			for _, l := range c.Leads {
				if l.Prospect != c.ID && !slices.Contains(c.Aliases, l.Prospect) {
					l.Prospect = c.ID
				}
			}
		}
		slices.Sort(ids)
		if leads != len(g.Leads) || len(slices.Compact(ids)) != len(ids) {
			t.Fatalf("%d of %d leads, ids %v", leads, len(g.Leads), ids)
		}
		for _, pair := range g.Apart {
			if slices.ContainsFunc(components, func(c component) bool {
				mine := append([]string{c.ID}, c.Aliases...)
				return slices.Contains(mine, pair[0]) && slices.Contains(mine, pair[1])
			}) {
				t.Fatalf("%v are one", pair)
			}
		}
		if len(g.Apart) > 0 {
			return // leads that carry keys of both sides have no place of their own
		}
		g.IDs = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(gone, id) })
		again, gone := regroup(g)
		if diff := cmp.Diff(groups(components), groups(again), cmpopts.EquateEmpty()); diff != "" || gone != nil {
			t.Fatalf("again (-first +again):\n%s\ngone %v", diff, gone)
		}
	})
}
