package validate

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Kinds of content that cells are counted as. One cell may count as several:
// eleven digits can be a CPF and a mobile phone, and only their column tells.
const (
	ContentPhone    = "phone"
	ContentEmail    = "email"
	ContentDocument = "document" // with right check digits, of any kind
	ContentDate     = "date"
	ContentNumber   = "number"
	ContentPostal   = "postal_code"
	ContentState    = "state"
	ContentCountry  = "country"
	ContentName     = "name" // of a person
	ContentURL      = "url"
	ContentHandle   = "instagram"
	ContentBoolean  = "boolean"
)

// contentKinds is the order in which kinds are tried when shares are equal:
// what is hard to meet by chance first. A number is anything of digits.
var contentKinds = [...]string{
	ContentEmail, ContentDocument, ContentPhone, ContentHandle, ContentURL, ContentPostal, ContentDate, ContentState,
	ContentCountry, ContentBoolean, ContentName, ContentNumber,
}

// contentFields are the fields that a kind of content speaks for. The first
// one is proposed when only the content speaks. Dates, numbers and booleans are
// types: they say nothing of what a column means.
var contentFields = map[string][]string{
	ContentEmail:    {"email", "email2", "email3"},
	ContentDocument: {"document"},
	ContentPhone:    {"phone", "phone2", "phone3", "phone4", "phone5", "landline", "whatsapp"},
	ContentHandle:   {"instagram"},
	ContentURL:      {"website"},
	ContentPostal:   {"postal_code"},
	ContentDate:     {"birthday"},
	ContentState:    {"state"},
	ContentCountry:  {"country"},
	ContentBoolean:  {"is_company"},
	ContentName:     {"name", "first_name"},
}

// Shares that decide. They leave room for what real columns hold beside their
// kind (“não tem”, two numbers in a cell, a remark) and none for chance.
const (
	// agreeShare: a header is confirmed when most cells fit. Dirty columns of
	// phones go down to two thirds; another kind of column stays below a tenth.
	agreeShare = 0.60
	// clearShare: content speaks by itself.
	clearShare = 0.90
	// differShare and otherShare: content contradicts a header when next to no
	// cell fits it while nearly all are of one other kind.
	differShare = 0.10
	otherShare  = 0.80
	// distinctShare: a column that identifies people repeats itself rarely. An
	// e-mail of the seller stands in every one of his rows, and taking it for
	// the customer's would make one prospect of them all.
	distinctShare = 0.80
	// minFilled: fewer cells say nothing.
	minFilled = 5
)

// Share is how large a part of the filled cells is of a kind, 0 to 1.
type Share struct {
	Kind  string  `json:"kind"`
	Share float64 `json:"share"`
}

// Profile says what the cells of one column look like, over a sample of rows.
// It holds no cell.
type Profile struct {
	Rows     int64 // rows of the sample
	Filled   int64 // cells that are not blank in any of its spellings
	Distinct int64 // different texts among them
	Counter  bool  // strictly rising integers, as row numbers and serial keys are

	counts   map[string]int64
	zeros    int64 // numbers with leading zeros: codes
	decimals int64 // numbers with a decimal or grouping mark
	person   int64 // first words that are first names
	exact    int64 // postal codes with their hyphen
	local    int64 // phones without area code: eight digits may be anything
}

// Shares returns the kinds that at least a tenth of the filled cells is of, the
// largest share first, and numbers last: what is only digits may be much else.
func (p Profile) Shares() []Share {
	var out []Share
	for _, kind := range contentKinds {
		if s := p.share(kind); s >= 0.1 {
			out = append(out, Share{kind, s})
		}
	}
	slices.SortStableFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b2i(a.Kind == ContentNumber), b2i(b.Kind == ContentNumber)), cmp.Compare(b.Share, a.Share))
	})
	return out
}

func (p Profile) share(kind string) float64 {
	if p.Filled == 0 {
		return 0
	}
	return float64(p.counts[kind]) / float64(p.Filled)
}

// distinct is the share of different texts among the filled cells.
func (p Profile) distinct() float64 {
	if p.Filled == 0 {
		return 0
	}
	return float64(p.Distinct) / float64(p.Filled)
}

// clear returns the one kind that the cells are clearly of, with a confidence,
// and false when there is none, or more than one that could be meant.
func (p Profile) clear() (kind string, confidence float64, ok bool) {
	if p.Filled < minFilled {
		return "", 0, false
	}
	for _, k := range contentKinds {
		share := p.share(k)
		if share < clearShare || !p.plausible(k) {
			continue
		}
		return k, certainty(share, p.Filled), true
	}
	return "", 0, false
}

// plausible reports whether a kind that nearly all cells could be of is more
// than a coincidence of digits.
func (p Profile) plausible(kind string) bool {
	switch kind {
	case ContentDocument:
		// Check digits are right by chance in one of a hundred; phones that all
		// fit them are made up. Both together is for the header to tell.
		return !p.Counter && p.share(ContentPhone) < agreeShare
	case ContentPhone:
		return !p.Counter && p.share(ContentDocument) < agreeShare && p.share(ContentPostal) < agreeShare &&
			5*p.local <= p.Filled
	case ContentPostal:
		// Eight bare digits are as well a phone without area code or a date.
		return !p.Counter && 2*p.exact >= p.Filled
	case ContentState, ContentCountry:
		return p.Distinct >= 2 || p.Filled >= 20
	case ContentName:
		// Names of companies and places are words as well; a first name in front
		// of every other cell is what only people have.
		return 2*p.person >= p.Filled && p.distinct() >= 0.5
	case ContentBoolean:
		return p.Distinct <= 4
	case ContentNumber:
		return p.zeros == 0
	}
	return true
}

// certainty is the lower end of Wilson's interval for a share seen in n cells
// (90 %, one-sided 95 %), times 0.95 because cells that look like a kind may
// still mean something else. All of 20 cells give 0.84, all of 5 give 0.62.
func certainty(share float64, n int64) float64 {
	const z = 1.645
	m := float64(n)
	center := share + z*z/(2*m)
	spread := z * math.Sqrt(share*(1-share)/m+z*z/(4*m*m))
	return 0.95 * (center - spread) / (1 + z*z/m)
}

// verdict is what content says of a header's field.
type verdict uint8

const (
	silent  verdict = iota // nothing, or nothing that could be told
	agrees                 // most cells are what the field holds
	differs                // next to none is, and nearly all are of one other kind
)

// against compares a column's cells with the field that its header names; for
// differs it returns the kind that the cells are of.
func (p Profile) against(field string) (v verdict, confidence float64, other string) {
	if p.Filled < minFilled {
		return silent, 0, ""
	}
	own := ""
	for _, kind := range contentKinds {
		if slices.Contains(contentFields[kind], field) {
			own = kind
		}
	}
	if own == "" {
		return silent, 0, ""
	}
	share := p.share(own)
	if share >= agreeShare && (own != ContentName || 2*p.person >= p.Filled) {
		return agrees, certainty(share, p.Filled), ""
	}
	if share > differShare {
		return silent, 0, ""
	}
	for _, kind := range [...]string{ContentEmail, ContentDocument, ContentPhone, ContentURL, ContentDate} {
		if kind != own && p.share(kind) >= otherShare && (p.plausible(kind) || own == ContentEmail) {
			return differs, certainty(p.share(kind), p.Filled), kind
		}
	}
	return silent, 0, ""
}

// Content is what a sample says of the columns of a file, by position. The
// zero value says nothing of any.
type Content []Profile

func (c Content) column(i int) Profile {
	if i < len(c) {
		return c[i]
	}
	return Profile{}
}

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

// typeOfContent returns the type that a column without a field of its own
// could be read with: number, date or boolean when all its cells are, else
// text. Codes with leading zeros are no numbers.
func (p Profile) typeOfContent() schemas.FieldType {
	kind, _, ok := p.clear()
	if !ok || p.counts[kind] < p.Filled {
		return schemas.TypeText
	}
	switch kind {
	case ContentNumber:
		return schemas.TypeNumber
	case ContentDate:
		return schemas.TypeDate
	case ContentBoolean:
		return schemas.TypeBoolean
	}
	return schemas.TypeText
}
