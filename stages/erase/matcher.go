package erase

import (
	"slices"
	"strings"
	"unicode"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// Match says how a text speaks of the person.
type Match int

// Matches, the stronger ones last.
const (
	None     Match = iota
	Name           // a cell is the person's name, and nothing says that it is theirs
	Identity       // an identity of the person is in it
)

// leastDigits is how long a number must be to say who it is wherever it stands.
const leastDigits = 10

// Matcher finds one person in texts. It is used by one goroutine.
type Matcher struct {
	personal, shared forms
	areas            []string // that may stand in a cell of their own, or go without saying
	names            []string // folded, of two words at least
}

// forms are the ways in which identities are written, without what separates.
type forms struct {
	numbers []string    // digits that say who it is wherever they stand
	locals  [][2]string // area and number without it
	emails  []string
	codes   []string // documents with letters, in capitals
	exact   []string // whole cells: short documents, handles
}

// New returns a matcher for a person. areaCode is that of phones that have none,
// "" for none.
func New(p schemas.Person, areaCode string) *Matcher {
	m := &Matcher{}
	if areaCode != "" {
		m.areas = append(m.areas, areaCode)
	}
	for _, one := range slices.Concat(p.Named, p.Known) {
		if one.Personal() {
			m.personal.add(one)
		} else {
			m.shared.add(one)
		}
	}
	for _, name := range p.Names {
		if strings.Contains(name, " ") {
			m.names = append(m.names, name)
		}
	}
	return m
}

func (f *forms) add(one schemas.Identity) {
	switch one.Kind {
	case identity.Phone:
		f.phone(strings.TrimPrefix(one.Value, "+"))
	case identity.Email:
		f.emails = append(f.emails, one.Value)
	case identity.Document:
		f.document(one.Value)
	case identity.Instagram, identity.Telegram:
		f.exact = append(f.exact, "@"+one.Value, one.Value)
	}
}

// phone adds the ways to write a number: with and without the country's code, and
// the digits that people leave out or put in by country.
func (f *forms) phone(digits string) {
	national := digits
	switch {
	case strings.HasPrefix(digits, "55"):
		national = digits[2:]
		if len(national) == 11 && national[2] == '9' {
			f.numbers = append(f.numbers, national[:2]+national[3:])
			f.locals = append(f.locals, [2]string{national[:2], national[3:]})
		}
		if len(national) > 2 {
			f.locals = append(f.locals, [2]string{national[:2], national[2:]})
		}
	case strings.HasPrefix(digits, "549"):
		national = digits[3:]
		for area := 2; area <= 4 && area < len(national); area++ {
			f.numbers = append(f.numbers, national[:area]+"15"+national[area:])
		}
	case len(digits) > 2+leastDigits-1:
		national = digits[len(digits)-leastDigits:]
	}
	for _, n := range []string{digits, national} {
		if len(n) >= leastDigits {
			f.numbers = append(f.numbers, n)
		} else {
			f.exact = append(f.exact, n)
		}
	}
}

func (f *forms) document(value string) {
	if strings.ContainsFunc(value, unicode.IsLetter) {
		f.codes = append(f.codes, strings.ToUpper(value))
		return
	}
	if len(value) >= leastDigits {
		f.numbers = append(f.numbers, value)
	}
	// A spreadsheet takes leading zeros off.
	for v := value; ; v = v[1:] {
		f.exact = append(f.exact, v)
		if v == "" || v[0] != '0' || len(v) < 6 {
			return
		}
	}
}

// Cells says whether the cells of a record speak of the person.
func (m *Matcher) Cells(cells []string) Match {
	if m.personal.in(cells, m.areas) {
		return Identity
	}
	if !m.named(cells) {
		return None
	}
	if m.shared.in(cells, m.areas) {
		return Identity
	}
	return Name
}

// Line says whether a line that is no record speaks of the person.
func (m *Matcher) Line(text string) Match {
	cells := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' || r == '\t' || r == '|' || r == '"' })
	match := m.Cells(cells)
	if match == None {
		folded := " " + identity.FoldName(text) + " "
		for _, name := range m.names {
			if strings.Contains(folded, " "+name+" ") {
				return Name
			}
		}
	}
	return match
}

// named reports whether a cell, or two beside each other, is the person's name.
func (m *Matcher) named(cells []string) bool {
	if len(m.names) == 0 {
		return false
	}
	before := ""
	for _, cell := range cells {
		folded := identity.FoldName(cell)
		if folded != "" && (slices.Contains(m.names, folded) || before != "" && slices.Contains(m.names, before+" "+folded)) {
			return true
		}
		before = folded
	}
	return false
}

func (f *forms) in(cells []string, areas []string) bool {
	for _, cell := range cells {
		if cell != "" && f.inCell(cell) {
			return true
		}
	}
	return len(f.locals) > 0 && f.local(cells, areas)
}

func (f *forms) inCell(cell string) bool {
	if len(f.numbers) > 0 {
		for run := range strings.FieldsFuncSeq(cell, separatesNumbers) {
			digits := digitsOf(run)
			if len(digits) >= leastDigits && slices.ContainsFunc(f.numbers, func(n string) bool { return strings.Contains(digits, n) }) {
				return true
			}
		}
	}
	if len(f.emails) > 0 && strings.Contains(cell, "@") {
		lower := strings.ToLower(cell)
		if slices.ContainsFunc(f.emails, func(e string) bool { return containsWord(lower, e) }) {
			return true
		}
	}
	if len(f.codes) > 0 {
		code := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToUpper(r)
			}
			return -1
		}, cell)
		if slices.ContainsFunc(f.codes, func(c string) bool { return strings.Contains(code, c) }) {
			return true
		}
	}
	if len(f.exact) == 0 {
		return false
	}
	trimmed := strings.ToLower(strings.TrimSpace(cell))
	if i := strings.LastIndexAny(trimmed, "/"); i >= 0 && strings.Contains(trimmed, ".") {
		trimmed = trimmed[i+1:] // the address of a profile
	}
	digits := digitsOf(trimmed)
	return slices.ContainsFunc(f.exact, func(e string) bool {
		return e == trimmed || len(e) > 5 && e == digits && !strings.ContainsFunc(trimmed, unicode.IsLetter)
	})
}

// local looks for numbers without their area beside a cell with the area, or one
// that goes without saying.
func (f *forms) local(cells []string, areas []string) bool {
	for _, cell := range cells {
		digits := digitsOf(cell)
		if len(digits) < 8 || len(digits) > 9 {
			continue
		}
		for _, l := range f.locals {
			if digits != l[1] {
				continue
			}
			isArea := func(text string) bool { return strings.TrimLeft(digitsOf(text), "0") == l[0] }
			if slices.ContainsFunc(areas, isArea) || slices.ContainsFunc(cells, isArea) {
				return true
			}
		}
	}
	return false
}

// separatesNumbers is what never stands within a number.
func separatesNumbers(r rune) bool {
	return !(r >= '0' && r <= '9') && !strings.ContainsRune(" ()-./+\u00a0\u2010\u2011\u2012\u2013", r)
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// containsWord reports whether an address stands in a text, and not as a part of a
// longer one.
func containsWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(word)
		if (i == 0 || !inAddress(text[i-1])) && (end == len(text) || !inAddress(text[end]) || text[end] == '.' && (end+1 == len(text) || !inAddress(text[end+1]))) {
			return true
		}
		at = i + 1
	}
}

func inAddress(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._%+-", c) >= 0
}
