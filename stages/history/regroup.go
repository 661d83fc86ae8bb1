package history

import (
	"slices"

	"github.com/bateia/bateia/schemas"
)

// merge is a person's decision that prospects are one.
type merge struct {
	Survivor string
	Others   []string // the prospects that were named
	// Aliases had merged into the others before: they lose against the survivor as
	// those do, but what had joined them to the others is not this decision.
	Aliases []string
}

// held is a person's decision that the leads written with an id before it are
// one, whatever their keys: what a split took away.
type held struct {
	Prospect string
	Before   int64             // place of the decision's import
	Named    map[string]string // leads that it named, wherever they are now
}

// grouping is what decides which leads are one prospect.
type grouping struct {
	IDs    []string // raw ids: of prospects and of what merged into them
	Leads  []*lead  // that count, sorted
	Merges []merge  // in force
	Held   []held
	Apart  [][2]string // pairs of raw ids that must not be one
	// Named returns for a joining key that of the same value together with a folded
	// name, and false for every other key. It may be nil.
	Named func(k key, folded string) (key, bool)
}

// component is the leads of one prospect, sorted, and its ids.
type component struct {
	ID      string
	Founded bool     // ID is a new one
	Aliases []string // the other raw ids that it answers to, sorted
	Leads   []*lead
}

// regroup computes the prospects of a bundle. Leads are one that share a key;
// that carry a value of which one joined by itself and the other with the name;
// that a merge in force put together; and a lead that named its prospect by id
// is one with the first other lead of that prospect.
//
// A raw id goes to the component of the earliest lead written with it, the one
// that founded it first of all. Among several ids of a component those lose
// that a person merged into another one; of the rest the oldest survives. A
// component without an id gets that of its earliest lead. Raw ids without a lead
// are returned as gone.
func regroup(g grouping) (components []component, gone []string) {
	u := newUnion(g)
	for _, m := range g.Merges {
		u.joinIDs(append([]string{m.Survivor}, m.Others...))
	}
	for _, h := range g.Held {
		first := -1
		for i, l := range g.Leads {
			if l.Prospect != h.Prospect || l.Applied >= h.Before && h.Named[schemas.LeadID(l.stored.Import, l.stored.Row)] == "" {
				continue
			}
			if first >= 0 {
				u.join(first, i)
			} else {
				first = i
			}
		}
	}
	byProspect := map[string]int{}
	for i, l := range g.Leads {
		first, some := byProspect[l.Prospect]
		if !some {
			byProspect[l.Prospect] = i
		} else if l.ByID {
			u.join(first, i)
		}
	}
	u.joinKeys(g)
	return u.components(g)
}

// union is a union-find over leads that never joins what is apart.
type union struct {
	parent []int
	holder map[string]int // raw id → the lead that holds it
	ids    map[int][]string
	apart  map[[2]string]bool
}

func newUnion(g grouping) *union {
	u := &union{parent: make([]int, len(g.Leads)), holder: holders(g.IDs, g.Leads), ids: map[int][]string{}, apart: map[[2]string]bool{}}
	for i := range u.parent {
		u.parent[i] = i
	}
	for id, i := range u.holder {
		u.ids[i] = append(u.ids[i], id)
	}
	for _, p := range g.Apart {
		u.apart[p] = true
		u.apart[[2]string{p[1], p[0]}] = true
	}
	return u
}

// holders finds the lead that holds each raw id.
func holders(ids []string, leads []*lead) map[string]int {
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	out := map[string]int{}
	for i := len(leads) - 1; i >= 0; i-- {
		if id := leads[i].Prospect; known[id] {
			out[id] = i
		}
	}
	for i, l := range leads {
		if id := schemas.ProspectID(l.Import, l.Row); id == l.Prospect && known[id] {
			out[id] = i
		}
	}
	return out
}

func (u *union) find(i int) int {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

// join makes two leads one, unless ids on the two sides are apart.
func (u *union) join(a, b int) {
	a, b = u.find(a), u.find(b)
	if a == b {
		return
	}
	if u.torn(a, b) {
		return
	}
	a, b = min(a, b), max(a, b)
	u.parent[b] = a
	u.ids[a] = append(u.ids[a], u.ids[b]...)
	delete(u.ids, b)
}

// torn reports whether ids on two sides are apart.
func (u *union) torn(a, b int) bool {
	if len(u.apart) == 0 || a == b {
		return false
	}
	for _, x := range u.ids[a] {
		for _, y := range u.ids[b] {
			if u.apart[[2]string{x, y}] {
				return true
			}
		}
	}
	return false
}

// joinIDs makes the leads one that hold the ids, of those that have one.
func (u *union) joinIDs(ids []string) {
	first := -1
	for _, id := range ids {
		i, some := u.holder[id]
		switch {
		case !some:
		case first < 0:
			first = i
		default:
			u.join(first, i)
		}
	}
}

// joinKeys makes leads one that share a key, import by import. A value that joined by
// itself once and only with a name later on leads to those leads that said the name
// with it before, or to the nameless ones when nobody ever was named; but an edit by
// id joins nobody that way.
func (u *union) joinKeys(g grouping) {
	byKey, opened := map[key]int{}, map[key]int{}
	names := map[key][]string{}
	touch := func(i int, l *lead) (touched []int) {
		for _, k := range l.Keys {
			if first, some := byKey[k]; some {
				touched = append(touched, first)
			} else {
				byKey[k] = i
			}
			if first, some := opened[k]; some && !l.ByID {
				touched = append(touched, first)
			}
		}
		return touched
	}
	name := func(i int, l *lead) {
		folded := nameOf(l.Fields)
		for _, k := range l.Keys {
			with, joins := g.Named(k, folded)
			if !joins || folded == "" && len(names[k]) > 0 || slices.Contains(names[k], folded) || len(names[k]) == maxNameHashes {
				continue
			}
			if folded != "" {
				nameless, _ := g.Named(k, "")
				delete(opened, nameless)
				names[k] = append(names[k], folded)
			}
			if _, some := opened[with]; !some {
				opened[with] = i
			}
		}
	}
	for said := u.sayings(g); len(said) > 0; {
		n := 1
		for n < len(said) && said[n].Import == said[0].Import {
			n++
		}
		touched := map[int][]int{} // lead → those before it that it shares a key with
		for _, at := range said[:n] {
			touched[at.lead] = append(touched[at.lead], touch(at.lead, g.Leads[at.lead])...)
			if g.Named != nil {
				name(at.lead, g.Leads[at.lead])
			}
		}
		if len(u.apart) > 0 {
			u.keepApart(g, touched)
		}
		for _, at := range said[:n] {
			for _, first := range touched[at.lead] {
				u.join(first, at.lead)
			}
		}
		said = said[n:]
	}
}

// saying is a place where a lead was said.
type saying struct {
	place
	lead int
}

// sayings lists where the leads were said, in order. What stood between people who are
// apart joins when it is said again and stands between them no more; where nobody is
// apart, saying it again joins no more than saying it did.
func (u *union) sayings(g grouping) []saying {
	out := make([]saying, 0, len(g.Leads))
	for i, l := range g.Leads {
		out = append(out, saying{l.place, i})
		if len(u.apart) == 0 {
			continue
		}
		for _, s := range l.Seen {
			out = append(out, saying{s.place, i})
		}
	}
	if len(out) > len(g.Leads) {
		slices.SortFunc(out, func(x, y saying) int { return x.compare(y.place) })
	}
	return out
}

// keepApart takes out of what the leads of one import touch what would join people
// who are apart: what stands between them, directly or over others, stays where it
// was written, as resolve wrote it.
func (u *union) keepApart(g grouping, touched map[int][]int) {
	near := &union{parent: slices.Clone(u.parent)}
	for i, firsts := range touched {
		for _, first := range firsts {
			near.parent[near.find(i)] = near.find(first)
		}
	}
	sides := map[int][]int{} // of one component, those that have ids
	for i, firsts := range touched {
		for _, j := range append(firsts, i) {
			at, root := near.find(j), u.find(j)
			if len(u.ids[root]) > 0 && !slices.Contains(sides[at], root) {
				sides[at] = append(sides[at], root)
			}
		}
	}
	for i, firsts := range touched {
		home, some := u.holder[g.Leads[i].Prospect]
		if !some {
			continue
		}
		torn := func(a int) bool {
			return slices.ContainsFunc(sides[near.find(i)], func(b int) bool { return u.torn(a, b) })
		}
		if slices.ContainsFunc(sides[near.find(i)], torn) {
			touched[i] = []int{home}
			continue
		}
		// The way to its home may be gone.
		rest := slices.DeleteFunc(slices.Clone(firsts), func(first int) bool { return u.torn(u.find(first), u.find(home)) })
		if len(rest) < len(firsts) {
			touched[i] = append(rest, home)
		}
	}
}

// components reads the result, in the order of the earliest leads.
func (u *union) components(g grouping) (out []component, gone []string) {
	at := map[int]int{}
	for i, l := range g.Leads {
		root := u.find(i)
		n, some := at[root]
		if !some {
			n = len(out)
			at[root] = n
			out = append(out, component{})
		}
		out[n].Leads = append(out[n].Leads, l)
	}
	for root, n := range at {
		c := &out[n]
		ids := u.ids[root]
		slices.Sort(ids)
		if len(ids) == 0 {
			c.ID, c.Founded = found(c.Leads, g.IDs), true
			continue
		}
		c.ID = survivor(ids, g.Merges)
		c.Aliases = slices.DeleteFunc(ids, func(id string) bool { return id == c.ID })
	}
	for _, id := range g.IDs {
		if _, some := u.holder[id]; !some {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return out, gone
}

// foundAgain marks the row in the id of a prospect whose leads founded others
// before: no file has that many rows.
const foundAgain = 1 << 31

// found returns the id of a new prospect: that of its earliest lead, if that
// lead founded none which exists.
func found(leads []*lead, taken []string) string {
	for _, l := range leads {
		if id := schemas.ProspectID(l.Import, l.Row); !slices.Contains(taken, id) {
			return id
		}
	}
	return schemas.ProspectID(leads[0].Import, leads[0].Row|foundAgain)
}

// survivor returns the oldest of sorted ids that no person merged into another
// one of them.
func survivor(ids []string, merges []merge) string {
	lost := map[string]bool{}
	for _, m := range merges {
		if !slices.Contains(ids, m.Survivor) {
			continue
		}
		for _, o := range slices.Concat(m.Others, m.Aliases) {
			lost[o] = true
		}
	}
	for _, id := range ids {
		if !lost[id] {
			return id
		}
	}
	return ids[0]
}
