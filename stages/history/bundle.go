package history

import (
	"cmp"
	"slices"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// identityRow is a row of table identities.
type identityRow struct {
	Key      key
	Kind     int16
	Value    string
	Joins    bool
	Prospect string // as stored
	Back     string // raw id of who owned it before a decision that is taken back, else ""
	First    ref
	Names    []int64
}

// bundle is what is computed together, as the database has it.
type bundle struct {
	IDs        []string          // raw ids, sorted
	Alias      map[string]string // raw id → survivor, of those that are aliases
	Prospects  map[string]prospect
	Leads      []*lead // of the arrays of prospects that are no aliases, sorted
	Identities map[key]identityRow
	Merges     []merge
	Held       []held
	Apart      [][2]string
	Draws      []draw
	// adjust changes leads and identities before they are grouped: what a
	// decision does, or what its undo takes back. It may be nil.
	adjust func(b *bundle, leads []*lead)
}

// change is what differs between a bundle as it is stored and as it is computed.
type change struct {
	Put      []prospect // rows to write, new or changed
	Changed  map[string][]string
	Founded  []string          // ids among Put that did not exist
	Gone     []string          // raw ids that vanish, aliases among them
	Alias    map[string]string // alias rows to write
	Restored []string          // ids that were aliases and are none
	Leads    []*lead           // whose prospect, keys or place changed
	IDRows   []identityRow     // identities to write
	Dropped  []key             // identities to delete
	Owners   []owner           // draws to write
	// Lists and Tags are memberships that prospects lose.
	Lists, Tags int64
	Components  []component
	home        map[string]*component // raw id → its prospect
	draws       placedDraws
}

// homes fills in which prospect each raw id answers to.
func (c *change) homes() {
	c.home = map[string]*component{}
	for i := range c.Components {
		comp := &c.Components[i]
		c.home[comp.ID] = comp
		for _, id := range comp.Aliases {
			c.home[id] = comp
		}
	}
}

// homeOf returns the prospect that a raw id answers to, "" for one outside the bundle.
func (c *change) homeOf(id string) string {
	if comp := c.home[id]; comp != nil {
		return comp.ID
	}
	return ""
}

// empty reports whether nothing is to be written.
func (c *change) empty() bool {
	return len(c.Put)+len(c.Gone)+len(c.Alias)+len(c.Restored)+len(c.Leads)+len(c.IDRows)+len(c.Dropped)+len(c.Owners) == 0
}

// compute groups the bundle's leads that count and returns what differs from
// what is stored.
func compute(b *bundle, tellers map[schemas.ImportID]*teller) change {
	leads := counting(b.Leads, func(id schemas.ImportID) bool { return tellers[id].Counts })
	if b.adjust != nil {
		b.adjust(b, leads)
	}
	var c change
	c.Changed = map[string][]string{}
	c.Components, c.Gone = regroup(grouping{IDs: b.IDs, Leads: leads, Merges: b.Merges, Held: b.Held, Apart: b.Apart, Named: b.named})
	c.homes()
	c.placeDraws(b)
	owners := b.owners(&c)
	for i := range c.Components {
		b.diffComponent(&c, &c.Components[i], owners, tellers)
	}
	for _, id := range c.Gone {
		if b.Alias[id] == "" {
			c.Lists += int64(len(b.Prospects[id].Lists))
			c.Tags += int64(len(b.Prospects[id].Tags))
		}
	}
	b.diffIdentities(&c, owners)
	return c
}

// owners returns the prospect of every key: the only one that a lead says it of.
// Of several, which people keep apart, it is the one that owns it, else that of the
// earliest lead with it. Keys of somebody outside the bundle are missing.
func (b *bundle) owners(c *change) map[key]string {
	first := map[key]place{}
	out := map[key]string{}
	for _, comp := range c.Components {
		for _, l := range comp.Leads {
			for _, k := range l.Keys {
				row, known := b.Identities[k]
				if !known {
					continue
				}
				owns := c.homeOf(cmp.Or(row.Back, row.Prospect))
				best, some := out[k]
				if !some || best != owns && (comp.ID == owns || l.compare(first[k]) < 0) {
					first[k], out[k] = l.place, comp.ID
				}
			}
		}
	}
	return out
}

// named returns the key of a joining value together with a name.
func (b *bundle) named(k key, folded string) (key, bool) {
	row := b.Identities[k]
	if !row.Joins {
		return key{}, false
	}
	return named(row, folded), true
}

// diffComponent compares one prospect with what is stored of it.
func (b *bundle) diffComponent(c *change, comp *component, owners map[key]string, tellers map[schemas.ImportID]*teller) {
	want := value(*comp, tellers, c.draws.turns(comp))
	want.Keys = slices.DeleteFunc(want.Keys, func(k key) bool { return owners[k] != comp.ID })
	c.draws.give(comp, &want)
	have, exists := b.Prospects[comp.ID]
	wasAlias := b.Alias[comp.ID] != ""
	switch {
	case !exists:
		c.Founded = append(c.Founded, comp.ID)
		c.Put = append(c.Put, want)
	case wasAlias:
		c.Restored = append(c.Restored, comp.ID)
		c.Put = append(c.Put, want)
	default:
		diff := differences(have, want)
		if t := tellers[have.UpdatedBy]; len(diff) == 0 && t != nil && !t.Counts {
			diff = []string{"updated_by"}
		}
		if len(diff) > 0 {
			c.Changed[comp.ID] = diff
			c.Put = append(c.Put, want)
			c.Lists += lost(have.Lists, want.Lists)
			c.Tags += lost(have.Tags, want.Tags)
		}
	}
	for _, id := range comp.Aliases {
		if _, exists := b.Prospects[id]; !exists {
			c.Put = append(c.Put, aliasRow(comp, id, tellers))
		}
		if b.Alias[id] != comp.ID {
			if c.Alias == nil {
				c.Alias = map[string]string{}
			}
			c.Alias[id] = comp.ID
		}
	}
	mine := func(id string) bool { return id == comp.ID || slices.Contains(comp.Aliases, id) }
	for _, l := range comp.Leads {
		if !mine(l.Prospect) {
			l.Prospect = comp.ID
		}
		if l.Prospect != l.stored.Prospect || l.ref != l.stored.ref || !slices.Equal(l.Keys, l.stored.Keys) {
			c.Leads = append(c.Leads, l)
		}
	}
}

// aliasRow is the row of a prospect that merges at once: what its own leads say. Nobody
// draws an owner for it.
func aliasRow(comp *component, id string, tellers map[schemas.ImportID]*teller) prospect {
	own := component{ID: id, Leads: slices.DeleteFunc(slices.Clone(comp.Leads), func(l *lead) bool { return l.Prospect != id })}
	row := value(own, tellers, nil)
	if _, asked := survivorship.Distribution(row.Fields["owner"]); asked {
		delete(row.Fields, "owner")
	}
	return row
}

// lost counts the values of before that are not in after.
func lost(before, after []int32) (n int64) {
	for _, v := range before {
		if !slices.Contains(after, v) {
			n++
		}
	}
	return n
}

// home returns the prospect that a raw id answers to, as stored.
func (b *bundle) home(id string) string { return cmp.Or(b.Alias[id], id) }

// diffIdentities compares who owns which key with what is stored.
func (b *bundle) diffIdentities(c *change, owners map[key]string) {
	wanted := map[key]identityRow{}
	for i := range c.Components {
		comp := &c.Components[i]
		for _, l := range comp.Leads {
			for _, k := range l.Keys {
				if owners[k] != comp.ID {
					continue
				}
				row, some := wanted[k]
				if !some {
					row = b.Identities[k]
					row.Key, row.Prospect, row.First, row.Names = k, comp.ID, l.ref, nil
				}
				row.Names = addName(row.Names, nameOf(l.Fields))
				wanted[k] = row
			}
		}
	}
	unsaid := b.unsaid(c)
	for k, want := range wanted {
		have := b.Identities[k]
		exists := have.First != ref{}
		left := slices.DeleteFunc(slices.Clone(have.Names), func(h int64) bool { return slices.Contains(unsaid[k], h) && !slices.Contains(want.Names, h) })
		stale := len(left) < len(have.Names)
		want.Names = joinNames(left, want.Names)
		if exists && c.homeOf(have.Prospect) == want.Prospect {
			want.Prospect = have.Prospect // as written: read through aliases
		}
		if !exists || have.Prospect != want.Prospect || have.First != want.First || have.Joins != want.Joins || stale {
			c.IDRows = append(c.IDRows, want)
		}
	}
	for k, have := range b.Identities {
		if _, some := wanted[k]; some || have.First == (ref{}) {
			continue
		}
		c.Dropped = append(c.Dropped, k)
	}
	slices.SortFunc(c.IDRows, func(x, y identityRow) int { return compareKeys(x.Key, y.Key) })
	slices.SortFunc(c.Dropped, compareKeys)
}

// unsaid returns, by key, the names that leads said with it which do not count
// any more. Those alone may be forgotten: an identity also remembers the names of
// rows that the guards or people keep apart from its prospect, which are not in
// the bundle, and which five it remembers depends on when they came.
func (b *bundle) unsaid(c *change) map[key][]int64 {
	counts := map[ref]bool{}
	for _, comp := range c.Components {
		for _, l := range comp.Leads {
			counts[l.stored.ref] = true
		}
	}
	out := map[key][]int64{}
	for _, l := range b.Leads {
		if counts[l.ref] {
			continue
		}
		if name := nameOf(l.Fields); name != "" {
			for _, k := range l.Keys {
				out[k] = append(out[k], NameHash(name))
			}
		}
	}
	return out
}
