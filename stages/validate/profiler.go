package validate

import (
	"hash/maphash"
	"strings"
	"unicode/utf8"

	"github.com/bateia/bateia/schemas/identity"
)

// contentCells bounds how many cells a sample looks at, so that a file of two
// thousand columns costs what one of ten does.
const contentCells = 100_000

// contentRows returns how many rows of a file a sample takes.
func contentRows(columns int) int64 {
	return int64(min(1000, max(50, contentCells/max(columns, 1))))
}

// Profiler fills profiles. Cells of a column must be added in the order of the
// file; it belongs to one goroutine.
type Profiler struct {
	columns []profileColumn
	country string
	scratch
	options  identity.Options
	values   []identity.Value
	problems []identity.Problem
	seed     maphash.Seed
}

type profileColumn struct {
	Profile
	seen   map[uint64]struct{}
	last   int64 // of a column that counts
	small  int64 // its steps of at most smallStep
	long   bool  // its numbers are as long as phones
	broken bool  // it does not count
}

// NewProfiler returns a Profiler for so many columns. Phones and documents are
// read by the rules of country.
func NewProfiler(columns int, country string) *Profiler {
	p := &Profiler{columns: make([]profileColumn, columns), country: country, options: identity.Options{Country: country}, seed: maphash.MakeSeed()}
	for i := range p.columns {
		p.columns[i].counts = map[string]int64{}
		p.columns[i].seen = map[uint64]struct{}{}
	}
	return p
}

// Add counts the cells of one record.
func (p *Profiler) Add(cells Cells) {
	p.reset()
	for i := range p.columns {
		p.columns[i].Rows++
		if text := trimBlanks(cells.cell(i)); text != "" {
			p.add(&p.columns[i], text)
		}
	}
}

// Content returns what was counted.
func (p *Profiler) Content() Content {
	out := make(Content, len(p.columns))
	for i := range p.columns {
		c := &p.columns[i]
		c.Distinct = int64(len(c.seen))
		c.Counter = c.counter()
		out[i] = c.Profile
	}
	return out
}

func (p *Profiler) add(c *profileColumn, text string) {
	if len(text) <= maxBlank && identity.Blank(text) && text != "0" {
		return
	}
	c.Filled++
	c.seen[maphash.String(p.seed, text)] = struct{}{}
	c.count(text)
	if len(text) > 300 {
		return // a remark, whatever stands in it
	}
	hit := func(kind string) { c.counts[kind]++ }
	switch {
	case strings.ContainsRune(text, '@'):
		if text[0] == '@' && p.reads(identity.AppendInstagram, text) {
			hit(ContentHandle)
		} else if p.reads(identity.AppendEmail, text) {
			hit(ContentEmail)
		}
		return
	case strings.Contains(strings.ToLower(text), "instagram.com/"):
		hit(ContentHandle)
		return
	case looksLikeURL(text):
		hit(ContentURL)
		return
	}
	if hasDigit(text) {
		p.addDigits(c, text, hit)
	} else {
		p.addWords(c, text, hit)
	}
}

// reads reports whether a parser of identities takes the text whole.
func (p *Profiler) reads(read func([]identity.Value, []identity.Problem, string, *identity.Options) ([]identity.Value, []identity.Problem), text string) bool {
	p.values, p.problems = read(p.values[:0], p.problems[:0], text, &p.options)
	for _, problem := range p.problems {
		if problem.Severity == identity.Error {
			return false
		}
	}
	return len(p.values) > 0
}

// addDigits counts a text with digits in it.
func (p *Profiler) addDigits(c *profileColumn, text string, hit func(string)) {
	digits, letters := 0, 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= utf8.RuneSelf && r != 0xa0 && r != 'º' && r != '–':
			letters++
		}
	}
	_, number := splitNumber(text)
	if number {
		hit(ContentNumber)
		c.zeros += int64(b2i(len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'))
	}
	if letters > 0 && digits < 6 && !number {
		if p.isDate(text) {
			hit(ContentDate)
		}
		return
	}
	switch {
	case p.country == "BR" && isCEP(text):
		hit(ContentPostal)
		c.exact += int64(b2i(strings.ContainsRune(text, '-')))
		if strings.ContainsRune(text, '-') {
			return
		}
	case p.isDate(text):
		hit(ContentDate)
		return
	}
	document := digits >= 7 && digits <= 18 && p.reads(identity.AppendDocument, text) && len(p.problems) == 0 && checked(p.values[0])
	if document {
		hit(ContentDocument)
		if digits < len(text) {
			return // punctuated as a document: no phone is written so
		}
	}
	if letters > 0 || digits < 8 || digits > 15 {
		return
	}
	switch full, local := p.isPhone(text); {
	case full:
		hit(ContentPhone)
	case local:
		hit(ContentPhone)
		c.local++
	}
}

// checked reports whether a document has check digits or a form that chance
// does not meet: a DNI is any eight digits.
func checked(v identity.Value) bool {
	switch v.Sub {
	case identity.DocCPF, identity.DocCNPJ, identity.DocCUIT, identity.DocRFC, identity.DocCURP, identity.DocRUC, identity.DocRIF:
		return true
	case identity.DocRUT:
		return v.Country == "CL"
	}
	return false
}

// isPhone reports whether the text is a phone, or one that lacks its area code.
func (p *Profiler) isPhone(text string) (full, local bool) {
	if p.reads(identity.AppendPhone, text) {
		return true, false
	}
	return false, len(p.problems) == 1 && p.problems[0].Code == identity.CodePhoneLocalOnly
}

// isDate reports whether the text is a whole date that exists in some order.
// The days that spreadsheets count are only a number here.
func (p *Profiler) isDate(text string) bool {
	d, ok := splitDate(text)
	if !ok || d.serial > 0 {
		return false
	}
	for _, order := range [...]dateOrder{orderDMY, orderMDY, orderYMD} {
		if year, month, day, ok := d.resolve(order); ok && (year < 100 || year >= 1900 && year <= 2100) && dayExists(month, day) {
			return true
		}
	}
	return false
}

// addWords counts a text without digits.
func (p *Profiler) addWords(c *profileColumn, text string, hit func(string)) {
	if len(text) > 120 {
		return
	}
	if _, ok := p.boolean(text, false); ok {
		hit(ContentBoolean)
	}
	folded := identity.FoldName(text)
	first, rest, several := strings.Cut(folded, " ")
	if isState(folded, text, p.country) {
		hit(ContentState)
	}
	if countryNames().byName[folded] != "" && (len(folded) > 3 || text == strings.ToUpper(text)) {
		hit(ContentCountry)
	}
	if several && len(rest) > 1 && strings.Count(rest, " ") <= 6 && !strings.ContainsAny(text, "/;:&") {
		hit(ContentName)
		c.person += int64(b2i(firstNames()[first]))
	}
	if p.isDate(text) {
		hit(ContentDate)
	}
}

// isState reports whether the text is a state of the country. Brazil writes
// two letters; names of its states are as often those of cities.
func isState(folded, text, country string) bool {
	if stateNames()[country][folded] == "" {
		return false
	}
	return country != "BR" || len(text) == 2
}

// smallStep is how far apart neighbors of a serial key are. Phones in ascending
// order are no counter: a thousand of one town lie twenty thousand apart.
const smallStep = 1000

// count notices columns that only count: each integer larger than the last.
func (c *profileColumn) count(text string) {
	if c.broken {
		return
	}
	n := int64(0)
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' || i > 17 {
			c.broken = true
			return
		}
		n = 10*n + int64(text[i]-'0')
	}
	if c.Filled > 1 {
		c.broken = n <= c.last
		c.small += int64(b2i(n-c.last <= smallStep))
	}
	c.long = c.long || len(text) >= 10
	c.last = n
}

// counter reports whether the column only counts.
func (c *profileColumn) counter() bool {
	return !c.broken && c.Filled >= minFilled && (!c.long || 2*c.small >= c.Filled-1)
}

// isCEP reports whether the text is a Brazilian postal code: 90010-000,
// 90.010-000 or 90010000.
func isCEP(text string) bool {
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' && digits == 5, c == '.' && digits == 2:
		default:
			return false
		}
	}
	return digits == 8
}

// looksLikeURL reports whether the text is the address of a web page.
func looksLikeURL(text string) bool {
	if strings.ContainsAny(text, " \n") {
		return false
	}
	low := strings.ToLower(text)
	for _, prefix := range [...]string{"http://", "https://", "www."} {
		if strings.HasPrefix(low, prefix) {
			return true
		}
	}
	host, _, _ := strings.Cut(low, "/")
	at := strings.LastIndexByte(host, '.')
	if at <= 0 || len(host)-at < 3 {
		return false
	}
	for i, r := range host {
		if letter := r >= 'a' && r <= 'z'; !letter && (i > at || (r < '0' || r > '9') && r != '-' && r != '.') {
			return false
		}
	}
	return true
}
