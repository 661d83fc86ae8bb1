package schemas

// Kinds of decisions.
const (
	DecideUndo    = "undo"    // take an import back
	DecideMerge   = "merge"   // prospects are one
	DecideSplit   = "split"   // leads of a prospect are another one's
	DecideUnmerge = "unmerge" // what was merged is two
)

// Decision is what people said about prospects or imports. An import of source
// manual carries it out; it reads no rows, and can be undone like any other.
type Decision struct {
	Kind string `json:"kind"`
	// Prospect is the survivor of a merge, the prospect that is split, or the id
	// that answers as an alias.
	Prospect string   `json:"prospect,omitempty"`
	Others   []string `json:"others,omitempty"` // that merge into it
	Leads    []string `json:"leads,omitempty"`  // that leave it, as <import>:<row>
}

// Effect counts what an undo or another decision did to prospects.
type Effect struct {
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
	// Carried counts decisions of people about rows of an import that another one took
	// the place of: they hold for the rows of that one.
	Carried int64 `json:"carried,omitempty"`
	// KeptProspects lists up to 1,000 of them.
	KeptProspects []KeptProspect `json:"kept_prospects,omitempty"`
	// Imports are those of whose rows other things are true now: which prospect they
	// speak of, which lead holds them. Known while it is done, and not kept.
	Imports []ImportID `json:"-"`
}

// KeptProspect says what keeps a prospect: the last row that spoke of it.
type KeptProspect struct {
	ProspectID string `json:"prospect_id"`
	Import     string `json:"import_id"`
	SheetRow   int64  `json:"sheet_row"`
}
