package main

import (
	"encoding/csv"
	"fmt"
)

// queryOutput writes what a statement gives. head comes once, before the rows; end
// after the last one, when nothing went wrong. Nothing is kept of a row longer
// than a table needs for its widths.
type queryOutput interface {
	head([]queryColumn) error
	row([]queryCell) error
	end() error
}

// queryColumn is a column of what a statement gives, whichever engine ran it.
type queryColumn struct {
	name   string
	number bool // its values read as numbers
}

// queryCell is one value of a row.
type queryCell interface {
	Text() string // for tables and CSV
	JSON() any    // for encoding/json
}

func newQueryOutput(s *session, asCSV bool) queryOutput {
	switch {
	case s.out.JSON:
		return &queryJSON{s: s}
	case asCSV:
		return &queryCSV{w: csv.NewWriter(s.out.Out)}
	}
	return &queryTable{s: s}
}

// queryJSON writes one document a line, its members in the order of the columns.
type queryJSON struct {
	s     *session
	pairs []pair
}

func (o *queryJSON) head(columns []queryColumn) error {
	o.pairs = make([]pair, len(columns))
	taken := map[string]bool{}
	for i, c := range columns {
		// SQL lets columns share a name, JSON objects do not.
		name := c.name
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s_%d", c.name, n)
		}
		taken[name] = true
		o.pairs[i].name = name
	}
	return nil
}

func (o *queryJSON) row(cells []queryCell) error {
	for i, c := range cells {
		o.pairs[i].value = c.JSON()
	}
	text, err := marshalOrdered(o.pairs)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return o.s.out.Document(rawJSON(text))
}

func (o *queryJSON) end() error { return nil }

// queryCSV writes UTF-8 with commas and a header; null is blank.
type queryCSV struct {
	w     *csv.Writer
	texts []string
}

func (o *queryCSV) head(columns []queryColumn) error {
	o.texts = make([]string, len(columns))
	for i, c := range columns {
		o.texts[i] = c.name
	}
	return o.write()
}

func (o *queryCSV) row(cells []queryCell) error {
	for i, c := range cells {
		o.texts[i] = c.Text()
	}
	return o.write()
}

func (o *queryCSV) write() error {
	if err := o.w.Write(o.texts); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (o *queryCSV) end() error {
	o.w.Flush()
	if err := o.w.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// tableRows is how many rows a table aligns together.
const tableRows = 1000

// queryTable writes for people, a thousand rows in one table.
type queryTable struct {
	s       *session
	heading []string
	rows    [][]string
	written bool
}

func (o *queryTable) head(columns []queryColumn) error {
	for _, c := range columns {
		name := c.name
		if c.number {
			name = ">" + name
		}
		o.heading = append(o.heading, name)
	}
	return nil
}

func (o *queryTable) row(cells []queryCell) error {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = c.Text()
	}
	if o.rows = append(o.rows, texts); len(o.rows) == tableRows {
		o.flush()
	}
	return nil
}

func (o *queryTable) flush() {
	o.s.out.Table(o.heading, o.rows)
	o.rows, o.written = o.rows[:0], true
}

func (o *queryTable) end() error {
	switch {
	case len(o.rows) > 0:
		o.flush()
	case !o.written:
		o.s.out.Printf("%s\n", o.s.words.Say("nothing_found"))
	}
	return nil
}
