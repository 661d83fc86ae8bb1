package history

import "github.com/bateia/bateia/schemas"

// maxKept is how many kept prospects a summary lists.
const maxKept = 1_000

// Summary counts what an undo or a decision does to prospects.
type Summary struct {
	Deleted  int64 `json:"deleted"`  // prospects of which nothing is left
	Founded  int64 `json:"founded"`  // prospects that leads fell out of others into
	Restored int64 `json:"restored"` // prospects that had merged into others
	Merged   int64 `json:"merged"`   // prospects that merge into others now
	Updated  int64 `json:"updated"`  // prospects that stay with other values, identities, lists or tags
	// Kept counts prospects that another import or a person changed or confirmed
	// after the import that is taken back.
	Kept       int64 `json:"kept"`
	Identities int64 `json:"identities"` // removed
	// Memberships that prospects lose, those of deleted prospects too.
	ListMemberships int64 `json:"list_memberships"`
	TagMemberships  int64 `json:"tag_memberships"`
	// Lists, tags and extra fields that the import brought and nobody uses.
	Lists  int64 `json:"lists"`
	Tags   int64 `json:"tags"`
	Fields int64 `json:"fields"`
	// KeptProspects lists up to 1,000 of them.
	KeptProspects []Kept `json:"kept_prospects,omitempty"`
}

// Kept says what keeps a prospect: the last row that spoke of it.
type Kept struct {
	ProspectID string           `json:"prospect_id"`
	ImportID   schemas.ImportID `json:"-"`
	Import     string           `json:"import_id"`
	SheetRow   int64            `json:"sheet_row"`
}

// see counts a change.
func (s *Summary) see(b *bundle, c *change) {
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
}

// keep notes the prospects of which an import after the given one said something.
func (s *Summary) keep(c *change, after schemas.ImportID) {
	for _, comp := range c.Components {
		var latest ref
		var sheet int64
		for _, l := range comp.Leads {
			if at, row := l.last(); at.compare(latest) > 0 {
				latest, sheet = at, row
			}
		}
		if latest.Import <= after {
			continue
		}
		if s.Kept++; len(s.KeptProspects) < maxKept {
			s.KeptProspects = append(s.KeptProspects, Kept{comp.ID, latest.Import, latest.Import.String(), sheet})
		}
	}
}

// changed reports whether anything of the base is other than before.
func (s *Summary) changed() bool {
	return s.Deleted+s.Founded+s.Restored+s.Merged+s.Updated+s.Identities+s.ListMemberships+s.TagMemberships+s.Lists+s.Tags+s.Fields > 0
}
