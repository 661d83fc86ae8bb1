package validate

import (
	"time"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// cellType is how the cells of one column are read.
type cellType struct {
	typ      schemas.FieldType
	maxRunes int // 0 for no limit
	order    dateOrder
	decimal  byte
	evidence Evidence // why order or decimal, once the data was looked at
	past     bool     // a date that lies in the past: a birthday
	kinds    bool     // a boolean that may name the kind of person
	lines    bool     // a text that keeps its line breaks
	own      bool     // an extra field
	number   bool     // a street number
}

// maxExtraRunes is the longest text of an extra field.
const maxExtraRunes = 20_000

// typeOf returns how a field of that type is read, with the format that the
// mapping gives.
func typeOf(field string, typ schemas.FieldType, format string) cellType {
	f, standard := schemas.FieldByName(field)
	t := cellType{
		typ: typ, maxRunes: f.MaxRunes,
		past:   field == "birthday",
		kinds:  field == "is_company",
		lines:  field == "notes" || !standard,
		own:    !standard,
		number: field == "street_number",
	}
	if !standard {
		t.maxRunes = maxExtraRunes
	}
	if format != "" && typ == schemas.TypeDate {
		t.order, _ = parseDateFormat(format)
	}
	if format != "" && typ == schemas.TypeNumber {
		t.decimal, _ = parseNumberFormat(format)
	}
	return t
}

// blankText reports whether a cell of a text says nothing. In a column that
// nobody knows a zero may be a count and a no an answer; a street may have no
// number.
func (s *scratch) blankText(text string, t *cellType) bool {
	switch {
	case len(text) > maxBlank || !identity.Blank(text):
		return false
	case t.own:
		return !hasDigit(text) && !no[identity.FoldName(text)]
	case t.typ == schemas.TypeCountry:
		return countryNames().byName[identity.FoldName(text)] == "" // NI is Nicaragua
	case t.number:
		return identity.FoldName(text) != "s n"
	}
	return true
}

// blankOther reports whether a cell that could not be read as its type says
// nothing. It is asked last: an X is an answer where answers are expected.
func (s *scratch) blankOther(text string, t *cellType) bool {
	switch {
	case t.typ == schemas.TypeDate && emptyDate(text):
		return true
	case len(text) > maxBlank, t.typ != schemas.TypeDate && hasDigit(text):
		return false
	}
	return identity.Blank(text)
}

func (t *cellType) isText() bool {
	switch t.typ {
	case schemas.TypeNumber, schemas.TypeDate, schemas.TypeBoolean, schemas.TypeLifecycle:
		return false
	}
	return true
}

func hasDigit(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' {
			return true
		}
	}
	return false
}

// maxBlank is longer than every spelling of a blank, in bytes. It spares the
// look at most cells.
const maxBlank = 40

// canonical returns the canonical form of a cell, and the code that says why
// there is none. A text that is only invisible characters has neither.
func (s *scratch) canonical(text string, t *cellType, country string, now time.Time) (value, code string) {
	ok := true
	switch t.typ {
	case schemas.TypeNumber:
		if value, ok = s.number(text, t.decimal); !ok {
			return "", "NUMBER_INVALID"
		}
		return value, ""
	case schemas.TypeDate:
		if value, ok = s.date(text, t.order, t.past, now); !ok {
			return "", "DATE_INVALID"
		}
		return value, ""
	case schemas.TypeBoolean:
		if value, ok = s.boolean(text, t.kinds); !ok {
			return "", "BOOLEAN_INVALID"
		}
		return value, ""
	case schemas.TypeLifecycle:
		if value, ok = s.lifecycle(text); !ok {
			return "", "LIFECYCLE_UNKNOWN"
		}
		return value, ""
	case schemas.TypePostal:
		value = s.postal(text, country)
	case schemas.TypeState:
		value = s.state(text, country)
	case schemas.TypeCountry:
		value = s.country(text)
	default:
		value = s.text(text, t.lines)
	}
	if t.maxRunes > 0 && longerThan(value, t.maxRunes) {
		return "", "TEXT_TOO_LONG"
	}
	return value, ""
}
