package validate

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/bateia/bateia/schemas/identity"
)

//go:embed data/countries.csv
var countryFile string

type countryIndex struct {
	byName map[string]string // folded name or code → ISO code
	byDial map[string]string // calling code → ISO code
	dial   map[string]string // ISO code → calling code
}

// countryNames reads the embedded list once.
var countryNames = sync.OnceValue(func() countryIndex {
	idx := countryIndex{map[string]string{}, map[string]string{}, map[string]string{}}
	for line := range dataLines(countryFile) {
		code, rest, _ := strings.Cut(line, ";")
		dial, names, _ := strings.Cut(rest, ";")
		idx.byName[identity.FoldName(code)] = code
		idx.dial[code] = dial
		for name := range strings.SplitSeq(names, "|") {
			idx.byName[identity.FoldName(name)] = code
		}
		switch code {
		case "DO", "JM", "PR", "TT", "CA": // +1 alone is the United States
		default:
			idx.byDial[dial] = code
		}
	}
	return idx
})

// dataLines yields the lines of an embedded file that hold data.
func dataLines(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(file) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

// country returns the ISO 3166 code of a country named in Portuguese, Spanish
// or English, or by code. What it does not know stays text.
func (s *scratch) country(text string) string {
	code, ok := s.remember("country", text, func(text string) (string, bool) {
		code, ok := countryNames().byName[identity.FoldName(text)]
		return code, ok
	})
	if ok {
		return code
	}
	return s.text(text, false)
}

// phoneCountry returns the ISO code for what a column with the country of the
// phones holds: a name, a code, or a calling code such as +55.
func (s *scratch) phoneCountry(text string) string {
	code, _ := s.remember("phone_country", text, func(text string) (string, bool) {
		digits := strings.TrimSuffix(strings.TrimLeft(trimBlanks(text), "+0("), ")")
		if code, ok := countryNames().byDial[digits]; ok {
			return code, true
		}
		code, ok := countryNames().byName[identity.FoldName(text)]
		return code, ok
	})
	return code
}

// dialCode returns the calling code of a country, "" when it is not known here.
func dialCode(country string) string { return countryNames().dial[country] }
