package history

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/bateia/bateia/schemas"
)

// ref names what one row of an import said.
type ref struct {
	Import schemas.ImportID
	Row    int64
}

func (r ref) compare(o ref) int {
	return cmp.Or(cmp.Compare(r.Import, o.Import), cmp.Compare(r.Row, o.Row))
}

// place is where in the history a row said something: imports follow each other
// as they were applied, which need not be the order of their ids.
type place struct {
	ref
	Applied int64 // imports.applied_no
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.Applied, o.Applied), p.ref.compare(o.ref))
}

// key is the key of an identity: see schemas/identity.Key.
type key = [16]byte

func compareKeys(a, b key) int { return slices.Compare(a[:], b[:]) }

// sighting is a row that said again what a lead says.
type sighting struct {
	place
	Line, SheetRow, ByteOffset, ByteLength int64
}

// lead is a distinct statement about a prospect.
type lead struct {
	place
	Prospect  string // raw id it was written with
	ByID      bool   // the row named its prospect by id
	Keys      []key  // under which it was joined
	Statement int64  // hash of what it says, with the keys that do not join by themselves
	SheetRow  int64
	Fields    map[string]string          // canonical text by field, blank ones missing
	Extra     map[string]json.RawMessage // by name, nulls missing
	TagIDs    []int32                    // of the row itself
	// Seen are the sightings that count, in order; all of them come after the
	// lead itself.
	Seen []sighting

	stored stored
}

// stored is where a lead lies in the database, to tell what changed.
type stored struct {
	ref
	Prospect string
	Keys     []key
	// Moved is the sighting whose place the lead took, nil when it stayed.
	Moved *sighting
}

// counting returns the leads that remain when only what the imports say that
// count is left. A lead whose own import does not count, but that a counting one
// saw again, takes the place of the first such sighting. It keeps the id that it
// was written with. The result is sorted.
func counting(leads []*lead, counts func(schemas.ImportID) bool) []*lead {
	var out []*lead
	for _, l := range leads {
		kept := *l
		kept.stored = stored{ref: l.ref, Prospect: l.Prospect, Keys: l.Keys}
		kept.Seen = slices.DeleteFunc(slices.Clone(l.Seen), func(s sighting) bool { return !counts(s.Import) })
		slices.SortFunc(kept.Seen, func(a, b sighting) int { return a.compare(b.place) })
		if !counts(l.Import) {
			if len(kept.Seen) == 0 {
				continue
			}
			first := kept.Seen[0]
			kept.place, kept.SheetRow, kept.Seen, kept.stored.Moved = first.place, first.SheetRow, kept.Seen[1:], &first
		}
		out = append(out, &kept)
	}
	slices.SortFunc(out, func(a, b *lead) int { return a.compare(b.place) })
	return out
}

// last returns the last statement of the lead and the row a spreadsheet shows
// it at.
func (l *lead) last() (place, int64) {
	if n := len(l.Seen); n > 0 {
		return l.Seen[n-1].place, l.Seen[n-1].SheetRow
	}
	return l.place, l.SheetRow
}
