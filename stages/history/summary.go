package history

import (
	"slices"

	"github.com/bateia/bateia/schemas"
)

// maxKept is how many kept prospects a summary lists.
const maxKept = 1_000

// Summary counts what an undo or a decision does to prospects.
type Summary = schemas.Effect

// see counts a change.
func see(s *Summary) visitor {
	return func(b *bundle, c *change) {
		for _, id := range c.Gone {
			if b.Alias[id] == "" {
				s.Deleted++
			}
		}
		s.Founded += int64(len(c.Founded))
		s.Restored += int64(len(c.Restored))
		s.Merged += int64(len(c.Alias))
		s.Updated += int64(len(c.Changed))
		s.Identities += int64(len(c.Dropped))
		s.ListMemberships += c.Lists
		s.TagMemberships += c.Tags
		for _, l := range c.Leads {
			said(s, l.Import, l.stored.Import)
			for _, again := range l.Seen {
				said(s, again.Import)
			}
		}
	}
}

// said notes imports of whose rows something changed.
func said(s *Summary, ids ...schemas.ImportID) {
	for _, id := range ids {
		if !slices.Contains(s.Imports, id) {
			s.Imports = append(s.Imports, id)
		}
	}
}

// keep notes the prospects of which an import said something that was applied
// after the one with the given number.
func keep(s *Summary, c *change, after int64) {
	for _, comp := range c.Components {
		var latest place
		var sheet int64
		for _, l := range comp.Leads {
			if at, row := l.last(); at.compare(latest) > 0 {
				latest, sheet = at, row
			}
		}
		if latest.Applied <= after {
			continue
		}
		if s.Kept++; len(s.KeptProspects) < maxKept {
			s.KeptProspects = append(s.KeptProspects, schemas.KeptProspect{ProspectID: comp.ID, Import: latest.Import.String(), SheetRow: sheet})
		}
	}
}
