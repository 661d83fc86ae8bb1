package validate

import (
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// Sample counts how columns write their dates and numbers. Counting is
// commutative: the same rows in any order decide the same.
type Sample struct {
	votes  map[int]*votes // by column
	marked bool
}

// votes are those of one column, for dates or for numbers.
type votes struct {
	typ     schemas.FieldType
	dates   dateVotes
	numbers numberVotes
}

// OpenColumns returns the columns whose format only the data can tell. A
// sample needs no other.
func (v *Validator) OpenColumns() []int {
	var open []int
	for i, c := range v.plan.Columns {
		if c.Format == "" && c.Field != "" && (c.Type == schemas.TypeDate || c.Type == schemas.TypeNumber) {
			open = append(open, i)
		}
	}
	return open
}

// NewSample returns an empty sample for the columns that are open.
func (v *Validator) NewSample() Sample {
	s := Sample{votes: map[int]*votes{}, marked: v.marked}
	for _, i := range v.OpenColumns() {
		s.votes[i] = &votes{typ: v.plan.Columns[i].Type}
	}
	return s
}

// Add counts one cell of a column in a row as a spreadsheet numbers it.
func (s Sample) Add(column int, text string, sheetRow int64) {
	if s.marked {
		text = spreadsheet.Unguard(text)
	}
	switch c := s.votes[column]; {
	case c == nil:
	case c.typ == schemas.TypeDate:
		c.dates.add(text, sheetRow)
	default:
		c.numbers.add(text, sheetRow)
	}
}

// Decide fixes the order of dates and the decimal mark of every open column:
// what its cells show, else what the account's country writes. It must not be
// called while Readers read.
func (v *Validator) Decide(s Sample) {
	for _, i := range v.OpenColumns() {
		var of votes
		if c := s.votes[i]; c != nil {
			of = *c
		}
		t := &v.types[i]
		t.order = of.dates.decide(v.cfg.Country)
		t.decimal = of.numbers.decide(v.cfg.Country)
		t.evidence = of.numbers.evidence(t.decimal)
		if t.typ == schemas.TypeDate {
			t.evidence = of.dates.evidence(t.order)
		}
	}
}
