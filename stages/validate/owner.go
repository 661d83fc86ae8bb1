package validate

import (
	"strings"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// codeOwnerUnknown warns of an owner that the account does not know.
const codeOwnerUnknown = "OWNER_UNKNOWN"

// Owners says who may own prospects.
type Owners struct {
	Names         []string // of people; empty: anybody
	Distributions []schemas.Distribution
	// Fallback is the owner instead of an unknown one: a name, or distribution:NAME;
	// empty keeps the text.
	Fallback string
}

// owners is Owners as it is asked: by folded names, for the spelling of the
// account.
type owners struct {
	anything bool // there is no account to ask
	anybody  bool
	people   spellings
	teams    spellings // distributions that have members
	fallback string
}

func newOwners(from *Owners) owners {
	if from == nil {
		return owners{anything: true}
	}
	o := owners{anybody: len(from.Names) == 0, people: spellings{}, teams: spellings{}}
	for _, d := range from.Distributions {
		if len(d.Members) == 0 {
			continue // nobody could draw
		}
		o.teams.add(d.Name)
		for _, m := range d.Members {
			o.people.add(m)
		}
	}
	for _, name := range from.Names {
		o.people.add(name)
	}
	if from.Fallback != "" {
		fallback, known := o.find(from.Fallback)
		switch _, draws := distributionName(from.Fallback); {
		case known:
			o.fallback = fallback
		case !draws:
			o.fallback = from.Fallback // whoever set it knows him
		}
	}
	return o
}

// spellings finds names as the account writes them: by what makes two labels the
// same, else without accents and marks, where that is only one of them.
type spellings map[string]string

func (s spellings) add(name string) {
	s["="+schemas.FoldLabel(name)] = name
	bare := "~" + identity.FoldName(name)
	if other, taken := s[bare]; taken && schemas.FoldLabel(other) != schemas.FoldLabel(name) {
		name = "" // two of them: neither is meant
	}
	s[bare] = name
}

func (s spellings) get(text string) (string, bool) {
	if name, ok := s["="+schemas.FoldLabel(text)]; ok {
		return name, true
	}
	bare := identity.FoldName(text)
	name := s["~"+bare]
	return name, name != "" && bare != ""
}

// distributionName returns what follows distribution: in an owner.
func distributionName(owner string) (string, bool) {
	const n = len(schemas.DistributionPrefix)
	if len(owner) < n || !strings.EqualFold(owner[:n], schemas.DistributionPrefix) {
		return "", false
	}
	return owner[n:], true
}

// find returns the owner that a text means, in the account's spelling, and
// whether there is one. The name of a distribution means the distribution, unless
// a person has it.
func (o *owners) find(text string) (string, bool) {
	if o.anything {
		return text, true
	}
	name, draws := distributionName(text)
	if !draws {
		if person, ok := o.people.get(text); ok {
			return person, true
		}
		name = text
	}
	if team, ok := o.teams.get(name); ok {
		return schemas.DistributionPrefix + team, true
	}
	return text, o.anybody && !draws
}

// read returns the owner that a text means, and whether it is known. An unknown
// one is replaced by the fallback; without one a name stays as it is, and a
// distribution from which nobody can draw gives no owner.
func (o *owners) read(text string) (string, bool) {
	owner, known := o.find(text)
	if known {
		return owner, true
	}
	if _, draws := distributionName(text); o.fallback != "" || draws {
		return o.fallback, false
	}
	return text, false
}

// owner is read, remembered.
func (s *scratch) owner(text string, o *owners) (string, bool) {
	return s.remember("owner", text, o.read)
}

// constantOwner reads the owner that the import sets for every row, and keeps the
// warning for the file when nobody knows him.
func (v *Validator) constantOwner(text string) string {
	owner, known := v.owners.read(text)
	if !known {
		v.warnings = append(v.warnings, schemas.FileIssue{Code: codeOwnerUnknown, Severity: schemas.SeverityWarning, Detail: text})
	}
	return owner
}
