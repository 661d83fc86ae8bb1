package history

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
	"github.com/bateia/bateia/schemas/survivorship"
)

// prospect is a row of table prospects.
type prospect struct {
	ID        string
	Fields    map[string]string // canonical text by field
	Extra     map[string]json.RawMessage
	Ranks     map[string]int
	Keys      []key // sorted
	Leads     []leadEntry
	Lists     []int32 // sorted
	Tags      []int32 // sorted
	Created   time.Time
	Updated   time.Time
	UpdatedBy schemas.ImportID
}

// leadEntry is one place of the three parallel arrays of leads.
type leadEntry struct {
	ref
	Statement int64
}

// teller is what an import says about its statements.
type teller struct {
	ID      schemas.ImportID
	Applied int64 // its place among those of the account; 0 for old ones
	Counts  bool  // its state is applied
	Policy  *survivorship.Policy
	Lists   []int32 // none or one
	Tags    []int32
	Created time.Time
}

// compare orders imports as they were applied.
func (t *teller) compare(o *teller) int {
	return cmp.Or(cmp.Compare(t.Applied, o.Applied), cmp.Compare(t.ID, o.ID))
}

// statements returns what the leads and their sightings say.
func statements(leads []*lead, tellers map[schemas.ImportID]*teller) []survivorship.Statement {
	var out []survivorship.Statement
	add := func(l *lead, at ref) {
		out = append(out, survivorship.Statement{Import: at.Import, Row: at.Row, ByID: l.ByID,
			Policy: tellers[at.Import].Policy, Fields: l.Fields, Extra: l.Extra})
	}
	for _, l := range leads {
		add(l, l.ref)
		for _, s := range l.Seen {
			add(l, s.ref)
		}
	}
	return out
}

// value computes the row of a prospect from its leads, and from the turns that were
// drawn for it, as survivorship.Drawn takes them. It depends on nothing else that is
// stored of it; an owner still to be drawn stays as it was said.
func value(c component, tellers map[schemas.ImportID]*teller, turns map[string][]schemas.ImportID) prospect {
	said := statements(c.Leads, tellers)
	survivorship.Drawn(said, turns)
	best := survivorship.Fold(said)
	p := prospect{ID: c.ID, Fields: map[string]string{}, Ranks: best.Ranks()}
	for name, v := range best.Fields {
		p.Fields[name] = v.Text
	}
	for name, v := range best.Extra {
		if p.Extra == nil {
			p.Extra = map[string]json.RawMessage{}
		}
		p.Extra[name] = v.Value
	}
	first, last := tellers[said[0].Import], tellers[said[0].Import]
	for _, s := range said {
		t := tellers[s.Import]
		if t.compare(first) < 0 {
			first = t
		}
		if t.compare(last) > 0 {
			last = t
		}
		p.Lists, p.Tags = append(p.Lists, t.Lists...), append(p.Tags, t.Tags...)
	}
	for _, l := range c.Leads {
		p.Keys = append(p.Keys, l.Keys...)
		p.Leads = append(p.Leads, leadEntry{l.ref, l.Statement})
		p.Tags = append(p.Tags, l.TagIDs...)
	}
	p.Keys = distinct(p.Keys, compareKeys)
	slices.Sort(p.Lists)
	slices.Sort(p.Tags)
	p.Lists, p.Tags = slices.Compact(p.Lists), slices.Compact(p.Tags)
	p.Created, p.Updated, p.UpdatedBy = first.Created, last.Created, last.ID
	return p
}

func distinct[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// differences names what two rows of a prospect differ in, in the words of the
// plan's changed fields. The order of arrays means nothing, and who changed a
// prospect last only matters where something changed.
func differences(a, b prospect) []string {
	var out []string
	for _, f := range schemas.ProspectColumns() {
		if a.Fields[f.Name] != b.Fields[f.Name] {
			out = append(out, f.Name)
		}
	}
	if !maps.EqualFunc(a.Extra, b.Extra, sameJSON) {
		out = append(out, "extra")
	}
	if !maps.Equal(a.Ranks, b.Ranks) {
		out = append(out, "ranks")
	}
	if !slices.Equal(distinct(slices.Clone(a.Keys), compareKeys), distinct(slices.Clone(b.Keys), compareKeys)) {
		out = append(out, "identities")
	}
	entries := func(p prospect) []leadEntry {
		return distinct(slices.Clone(p.Leads), func(a, b leadEntry) int { return a.compare(b.ref) })
	}
	if !slices.Equal(entries(a), entries(b)) {
		out = append(out, "leads")
	}
	if !sameSet(a.Lists, b.Lists) {
		out = append(out, "lists")
	}
	if !sameSet(a.Tags, b.Tags) {
		out = append(out, "tags")
	}
	if !a.Created.Equal(b.Created) {
		out = append(out, "created_at")
	}
	return out
}

func sameSet(a, b []int32) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// sameJSON compares two values however they are spaced.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// nameOf returns the folded name of what is said in fields: of the person, else
// of the company, as rows are compared by.
func nameOf(fields map[string]string) string {
	if name := fields["name"]; name != "" {
		return identity.FoldName(name)
	}
	return identity.FoldName(fields["company"])
}
