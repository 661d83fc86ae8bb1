package schemas

import (
	"log/slog"
	"slices"

	"github.com/bateia/bateia/schemas/identity"
)

// Person is what somebody who is to be erased is known by. It is personal data:
// outside of memory it is sealed, and it masks itself in logs.
type Person struct {
	// Prospects are ids that name the person, those of merged ones too.
	Prospects []string `json:"prospects,omitempty"`
	// Named are the identities that somebody gave for the person: they are kept from
	// coming back whatever the name beside them.
	Named []Identity `json:"named,omitempty"`
	// Known are the identities that rows of the person state.
	Known []Identity `json:"known,omitempty"`
	// Names are folded: identity.FoldName.
	Names []string `json:"names,omitempty"`
}

// Identity is a canonical value with its kind. Shared: others have it too, so that
// it says something only together with a name.
type Identity struct {
	Kind   identity.Kind `json:"kind"`
	Value  string        `json:"value"`
	Shared bool          `json:"shared,omitempty"`
}

// Personal reports whether the value says by itself who it is.
func (i Identity) Personal() bool {
	v, ok := identity.Restore(i.Kind, i.Value)
	return ok && !i.Shared && v.Strength == identity.Joining
}

// LogValue implements slog.LogValuer.
func (p Person) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("prospects", len(p.Prospects)), slog.Int("identities", len(p.Named)+len(p.Known)))
}

// Know adds an identity that a row of the person states, unless it is known.
func (p *Person) Know(one Identity) {
	same := func(o Identity) bool { return o.Kind == one.Kind && o.Value == one.Value }
	if one.Value != "" && !slices.ContainsFunc(p.Known, same) {
		p.Known = append(p.Known, one)
	}
}

// Call adds a name of the person.
func (p *Person) Call(name string) {
	if folded := identity.FoldName(name); folded != "" && !slices.Contains(p.Names, folded) {
		p.Names = append(p.Names, folded)
	}
}

// Keys are the keys under which rows of the person are known: of a personal identity
// that of the value, of one that people share that of the value with each of the
// names.
func (p *Person) Keys() [][16]byte {
	var out [][16]byte
	add := func(k [16]byte) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	names := p.Names
	if len(names) == 0 {
		names = []string{""}
	}
	for _, one := range slices.Concat(p.Named, p.Known) {
		if one.Personal() {
			add(identity.Key(one.Kind, one.Value))
			continue
		}
		for _, name := range names {
			add(identity.SharedKey(one.Kind, one.Value, name))
		}
	}
	return out
}

// Erased counts what was removed of a person.
type Erased struct {
	Prospects    int64 `json:"prospects"`
	Leads        int64 `json:"leads"`
	Rows         int64 `json:"rows"` // of imports, leads and refused rows among them
	Identities   int64 `json:"identities"`
	BeforeImages int64 `json:"before_images"`
	Imports      int64 `json:"imports"`       // that spoke of the person
	Redacted     int64 `json:"redacted"`      // objects with rows overwritten
	Deleted      int64 `json:"deleted"`       // objects, and versions of objects
	Suppressed   int64 `json:"suppressed"`    // keyed hashes that are on the list since
	Unread       int64 `json:"unread"`        // files that nobody can look into
	PlannedAgain int64 `json:"planned_again"` // imports that waited at ready
}
