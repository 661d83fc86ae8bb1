package validate

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/bateia/bateia/schemas/identity"
)

//go:embed data/states.csv
var stateFile string

// stateNames holds the canonical state by country and folded spelling.
var stateNames = sync.OnceValue(func() map[string]map[string]string {
	byCountry := map[string]map[string]string{}
	for line := range dataLines(stateFile) {
		country, rest, _ := strings.Cut(line, ";")
		canonical, names, _ := strings.Cut(rest, ";")
		if byCountry[country] == nil {
			byCountry[country] = map[string]string{}
		}
		byCountry[country][identity.FoldName(canonical)] = canonical
		for name := range strings.SplitSeq(names, "|") {
			if name != "" {
				byCountry[country][identity.FoldName(name)] = canonical
			}
		}
	}
	return byCountry
})

// state returns the canonical state of a country: the two letters in Brazil,
// the full name in Argentina and Mexico. "SP - São Paulo", "São Paulo (SP)",
// "BR-SP" and "Estado de São Paulo" are read as well. What it does not know
// stays text: there is no list of all the world's states here.
func (s *scratch) state(text, country string) string {
	known := stateNames()[country]
	state, ok := s.remember(country, text, func(text string) (string, bool) {
		folded := identity.FoldName(text)
		if state, ok := known[folded]; ok {
			return state, true
		}
		for _, prefix := range []string{"estado de ", "estado do ", "estado da ", "provincia de ", "br ", "ar ", "mx "} {
			if state, ok := known[strings.TrimPrefix(folded, prefix)]; ok {
				return state, true
			}
		}
		// A code before or behind the name: both must name the same state.
		if first, rest, ok := strings.Cut(folded, " "); ok && known[first] != "" && known[first] == known[rest] {
			return known[first], true
		}
		if at := strings.LastIndexByte(folded, ' '); at > 0 && known[folded[at+1:]] != "" && known[folded[at+1:]] == known[folded[:at]] {
			return known[folded[at+1:]], true
		}
		return "", false
	})
	if ok {
		return state
	}
	return s.text(text, false)
}
