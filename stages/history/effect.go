package history

import "github.com/bateia/bateia/schemas"

// Effect is the summary as it is stored with the import and shown.
func (s Summary) Effect() *schemas.Effect {
	e := &schemas.Effect{
		Deleted: s.Deleted, Founded: s.Founded, Restored: s.Restored, Merged: s.Merged, Updated: s.Updated, Kept: s.Kept,
		Identities: s.Identities, ListMemberships: s.ListMemberships, TagMemberships: s.TagMemberships,
		Lists: s.Lists, Tags: s.Tags, Fields: s.Fields,
	}
	for _, k := range s.KeptProspects {
		e.KeptProspects = append(e.KeptProspects, schemas.KeptProspect{ProspectID: k.ProspectID, Import: k.Import, SheetRow: k.SheetRow})
	}
	return e
}
