package validate

import (
	"cmp"
	"math"
	"slices"

	"github.com/bateia/bateia/schemas"
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

	counts map[string]int64
	zeros  int64 // numbers with leading zeros: codes
	person int64 // first words that are first names
	exact  int64 // postal codes with their hyphen
	local  int64 // phones without area code: eight digits may be anything
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
