package schemas

import (
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

// Confidence of MatchHeader. What is at least HeaderSure may be taken without
// asking; the rest is a proposal.
const (
	HeaderExact     = 0.99 // the header is a known one
	HeaderNumbered  = 0.95 // … with a number: Telefone 2, E-mail 1 - Value
	HeaderQualified = 0.90 // … with a word more that changes nothing: Cidade do cliente
	HeaderFallback  = 0.80 // to take when nothing surer feeds the field
	HeaderSure      = 0.80
	HeaderLikely    = 0.50 // ambiguous: Código, Contato, Title
)

//go:embed catalogue/headers.yaml
var headerFile embed.FS

type headerCatalogue struct {
	Qualifiers        []string `yaml:"qualifiers"`
	CompanyQualifiers []string `yaml:"company_qualifiers"`
	Fields            map[string]struct {
		Sure     []string `yaml:"sure"`
		Fallback []string `yaml:"fallback"`
		Likely   []string `yaml:"likely"`
	} `yaml:"fields"`
}

type headerMatch struct {
	field      string
	confidence float64
}

type headerIndex struct {
	exact             map[string]headerMatch // by FoldHeader
	qualifiers        [][]string             // words
	companyQualifiers [][]string
}

// loadHeaderCatalogue reads the embedded file, which a test checks against the
// field catalogue: a file that cannot be read is a bug.
func loadHeaderCatalogue() headerCatalogue {
	raw, err := headerFile.ReadFile("catalogue/headers.yaml")
	if err != nil {
		panic("read header synonyms: " + err.Error())
	}
	var c headerCatalogue
	if err := yaml.Unmarshal(raw, &c); err != nil {
		panic("read header synonyms: " + err.Error())
	}
	return c
}

var headers = sync.OnceValue(func() headerIndex {
	c := loadHeaderCatalogue()
	idx := headerIndex{exact: map[string]headerMatch{}}
	add := func(names []string, field string, confidence float64) {
		for _, n := range names {
			key := FoldHeader(n)
			if idx.exact[key].confidence < confidence {
				idx.exact[key] = headerMatch{field, confidence}
			}
		}
	}
	for _, f := range Fields {
		known := c.Fields[f.Name]
		add(known.Sure, f.Name, HeaderExact)
		add(known.Fallback, f.Name, HeaderFallback)
		add(known.Likely, f.Name, HeaderLikely)
		// A foreign id is only ever proposed, also under our own name.
		if f.Kind == 0 || len(known.Sure) > 0 {
			add([]string{f.Name}, f.Name, HeaderExact)
		}
	}
	for _, n := range numberedFields {
		add([]string{n}, n, HeaderExact)
	}
	delete(idx.exact, FoldHeader(rowIDHeader))
	for _, q := range c.Qualifiers {
		idx.qualifiers = append(idx.qualifiers, HeaderWords(q))
	}
	for _, q := range c.CompanyQualifiers {
		idx.companyQualifiers = append(idx.companyQualifiers, HeaderWords(q))
	}
	return idx
})

// numberedFields have no synonyms of their own: they are the base field with a
// number.
var numberedFields = []string{"phone2", "phone3", "phone4", "phone5", "email3"}

// rowIDHeader is the one header that names prospects by id. Nothing that only
// looks like it does.
const rowIDHeader = "bateia_id"

// ColumnRow is the column of feedback files that names the refused row, as LeadID
// does. It comes back with the corrected row.
const ColumnRow = "bateia_row"

// OwnColumns are the columns that the program adds to feedback files and
// exports. They come back with the file and are never data.
var OwnColumns = []string{ColumnRow, "bateia_status", "bateia_prospect_id", "bateia_issues", ColumnExport}

// IsOwnColumn reports whether a column is one of OwnColumns.
func IsOwnColumn(header string) bool {
	return slices.Contains(OwnColumns, strings.ToLower(strings.TrimSpace(header)))
}

// IsExportColumn reports whether a column is ColumnExport.
func IsExportColumn(header string) bool {
	return strings.EqualFold(strings.TrimSpace(header), ColumnExport)
}

// Marked reports whether a file was written by the program for people, so that its
// cells carry marks (see schemas/spreadsheet): one of OwnColumns says so, or the
// column bateia_id, with which exports begin.
func Marked(header []string) bool {
	return slices.ContainsFunc(header, func(name string) bool {
		return IsOwnColumn(name) || strings.EqualFold(strings.TrimSpace(name), rowIDHeader)
	})
}

// MatchHeader returns the field that a column's header names, with a
// confidence between 0 and 1 (see HeaderSure), and false when it names none.
// Accents, case, blanks and punctuation do not count. Only the header
// bateia_id names the field bateia_id.
func MatchHeader(header string) (field string, confidence float64, ok bool) {
	if strings.EqualFold(strings.TrimSpace(header), rowIDHeader) {
		return rowIDHeader, 1, true
	}
	idx := headers()
	words := HeaderWords(header)
	if m, ok := idx.exact[strings.Join(words, "")]; ok {
		return m.field, m.confidence, true
	}
	if bare, n, numbered := takeNumber(words); numbered {
		if m, ok := idx.find(bare); ok {
			if field := fieldWithNumber(m.field, n); field != "" {
				return field, min(m.confidence, HeaderNumbered), true
			}
		}
		return "", 0, false
	}
	m, ok := idx.find(words)
	return m.field, m.confidence, ok
}

// find looks words up as they are, then without one qualifier at either end.
func (idx headerIndex) find(words []string) (headerMatch, bool) {
	if m, ok := idx.exact[strings.Join(words, "")]; ok {
		return m, true
	}
	for _, q := range idx.qualifiers {
		if m, ok := idx.without(words, q); ok {
			return m, true
		}
	}
	for _, q := range idx.companyQualifiers {
		if m, ok := idx.without(words, q); ok && describesCompany(m.field) {
			return m, true
		}
	}
	return idx.alternatives(words)
}

// alternatives reads headers that name one identity several times over, such
// as "Fone/Celular" and "Tel e Whats".
func (idx headerIndex) alternatives(words []string) (first headerMatch, ok bool) {
	for _, w := range words {
		if slices.Contains(headerFillers, w) {
			continue
		}
		m := idx.exact[w]
		f, _ := FieldByName(m.field)
		if f.Kind == 0 || m.confidence < HeaderSure {
			return headerMatch{}, false
		}
		if !ok {
			first, ok = m, true
		}
		if one, _ := FieldByName(first.field); one.Kind != f.Kind {
			return headerMatch{}, false
		}
	}
	first.confidence = min(first.confidence, HeaderQualified)
	return first, ok
}

// headerFillers are words that change nothing between names of one identity.
var headerFillers = []string{"e", "ou", "o", "y", "and", "or", "com", "con", "de", "do", "del", "ddd", "numero", "no"}

func (idx headerIndex) without(words, qualifier []string) (headerMatch, bool) {
	n := len(words) - len(qualifier)
	if n <= 0 {
		return headerMatch{}, false
	}
	var m headerMatch
	ok := false
	if slices.Equal(words[n:], qualifier) {
		m, ok = idx.exact[strings.Join(words[:n], "")]
	}
	if !ok && slices.Equal(words[:len(qualifier)], qualifier) {
		m, ok = idx.exact[strings.Join(words[len(qualifier):], "")]
	}
	m.confidence = min(m.confidence, HeaderQualified)
	return m, ok
}

// describesCompany reports whether a field says the same of a company as of a
// person: its phone, its address.
func describesCompany(field string) bool {
	switch field {
	case "phone", "landline", "whatsapp", "email", "document", "instagram", "website",
		"street", "street_number", "complement", "district", "city", "state", "postal_code", "country":
		return true
	}
	return false
}

// takeNumber removes the only number from 1 to 9 among the words.
func takeNumber(words []string) (rest []string, n int, ok bool) {
	at := -1
	for i, w := range words {
		if w[0] < '0' || w[0] > '9' {
			continue
		}
		v, err := strconv.Atoi(w)
		if err != nil || v < 1 || v > 9 || at >= 0 {
			return nil, 0, false
		}
		at, n = i, v
	}
	if at < 0 || len(words) == 1 {
		return nil, 0, false
	}
	return slices.Concat(words[:at], words[at+1:]), n, true
}

// fieldWithNumber returns the field of the nth column of a kind, "" when the
// catalogue has room for one only.
func fieldWithNumber(field string, n int) string {
	if n == 1 {
		return field
	}
	first, last, parted := strings.Cut(field, "_") // phone_area → phone2_area
	numbered := first + strconv.Itoa(n)
	if parted {
		numbered += "_" + last
	}
	if _, ok := FieldByName(numbered); ok {
		return numbered
	}
	f, _ := FieldByName(field)
	if f.Several {
		return field
	}
	for _, other := range Fields {
		if f.Kind != 0 && other.Kind == f.Kind && other.Several {
			return other.Name
		}
	}
	return ""
}

// FoldHeader returns the form in which headers are compared: lower case, no
// accents, only letters and digits.
func FoldHeader(header string) string { return strings.Join(HeaderWords(header), "") }

// HeaderWords splits a header into lower-case words without accents, at
// everything that is no letter or digit, between letters and digits, and where
// a capital follows a small letter (firstName).
func HeaderWords(header string) []string {
	var words []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	var last rune
	for _, r := range norm.NFKD.String(header) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		default:
			if unicode.IsDigit(r) != unicode.IsDigit(last) || unicode.IsUpper(r) && unicode.IsLower(last) {
				flush()
			}
			word.WriteRune(unicode.ToLower(r))
		}
		last = r
	}
	flush()
	return words
}
