package parse

import "bytes"

// sampleRows is how many records of a sample are looked at.
const sampleRows = 300

// sampleRow is one record of a sample as one syntax splits it.
type sampleRow struct {
	start  int // in the sample
	width  int
	filled int     // cells that are not blank
	typed  float64 // sum over the filled cells of how much each looks like one value
	hash   bool    // it starts with #
	broken bool    // a quote was not closed: the line stands alone
	loose  bool    // a quoted cell holds a quote that is not escaped
}

// sample is what the records of a sample look like in one syntax.
type sample struct {
	rows   []sampleRow
	quoted int // cells in quotes
	seps   int // delimiters outside of quotes …
	spaced int // … followed by a blank
	odd    int // every second cell …
	hollow int // … that is empty
}

// cellSplitter reads the cells of one record of a sample. It does what split
// does but keeps the cells apart, and does not repair.
type cellSplitter struct {
	cells  [][]byte // as they stand, without the quotes around them
	quoted []bool
	loose  bool // a quoted cell holds a quote that is not escaped
}

// read splits the first record of text and returns its length. open says that
// its quotes are not closed.
func (c *cellSplitter) read(s *syntax, text []byte) (n int, open bool) {
	c.cells, c.quoted, c.loose = c.cells[:0], c.quoted[:0], false
	for i := 0; ; {
		start, quoted := i, false
		if s.quote != 0 && i < len(text) && text[i] == s.quote {
			end, loose := s.closing(text, i+1)
			c.loose = c.loose || loose
			if end < 0 {
				return len(text), true
			}
			i, quoted = end+1, true
		}
		d := 0
		for i < len(text) && text[i] != '\n' && !(s.crEnds && text[i] == '\r') {
			if d = s.delimAt(text, i); d > 0 {
				break
			}
			if s.escape != 0 && s.escapes(text, i) {
				i++
			}
			i++
		}
		i = min(i, len(text))
		cell := text[start:i]
		if quoted {
			cell = bytes.TrimRight(cell, " \t\r")
			cell = bytes.TrimSuffix(cell[1:], []byte{s.quote})
		}
		c.cells, c.quoted = append(c.cells, cell), append(c.quoted, quoted)
		if d > 0 {
			i += d
			continue
		}
		if i < len(text) {
			if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			i++
		}
		return i, false
	}
}

// closing returns where the quote stands that ends a cell whose text starts at
// i: the delimiter or a line end follows, perhaps behind blanks. -1 is none.
// loose says that other quotes stand before it.
func (s *syntax) closing(text []byte, i int) (end int, loose bool) {
	for i < len(text) {
		switch c := text[i]; {
		case loose && (c == '\n' || s.crEnds && c == '\r'):
			return -1, loose // rather damage of one line than a cell of two
		case s.escape != 0 && s.escapes(text, i):
			i++
		case c != s.quote:
		case i+1 < len(text) && text[i+1] == s.quote:
			i++
		default:
			sp := splitter{syntax: s, text: text}
			if sp.blanks(i+1) > 0 {
				return i, loose
			}
			loose = true
		}
		i++
	}
	return -1, loose
}

// takeSample splits text into at most so many records. A record that the end of a
// sample cuts is left out unless the sample is the whole object.
func takeSample(s *syntax, text []byte, whole bool, most int) sample {
	var out sample
	var c cellSplitter
	for at := 0; at < len(text) && len(out.rows) < most; {
		row := sampleRow{start: at, hash: text[at] == '#'}
		n, open := c.read(s, text[at:])
		if open {
			// Take the line alone, as repair will.
			line := text[at:]
			if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
				line = line[:i]
			}
			unquoted := *s
			unquoted.quote = 0
			c.read(&unquoted, line)
			n = min(len(line)+1, len(text)-at)
			row.broken = true
		}
		row.loose = c.loose
		if at+n == len(text) && !whole && len(out.rows) > 0 {
			break
		}
		out.measure(&row, &c, s)
		if row.filled > 0 {
			out.rows = append(out.rows, row)
		}
		at += n
	}
	return out
}

// measure fills in what a row of cells looks like.
func (out *sample) measure(row *sampleRow, c *cellSplitter, s *syntax) {
	row.width = len(c.cells)
	for i, cell := range c.cells {
		if i%2 == 1 {
			out.odd++
			if len(cell) == 0 {
				out.hollow++
			}
		}
		if i > 0 && !c.quoted[i-1] {
			out.seps++
			if len(cell) > 0 && cell[0] == ' ' {
				out.spaced++
			}
		}
		if c.quoted[i] {
			out.quoted++
			row.filled++
			row.typed++
			continue
		}
		t := cellType(cell)
		if t == typeEmpty {
			continue
		}
		row.filled++
		row.typed += weight(t, cell, s)
	}
}

// weight says how much an unquoted cell looks like one value.
func weight(t valueType, cell []byte, s *syntax) float64 {
	switch {
	case t == typeMixed:
		return 0
	case t != typeText:
		return 1
	case s.quote != '\'' && len(cell) > 1 && cell[0] == '\'' && cell[len(cell)-1] == '\'':
		return 0.5
	}
	return 0.9
}
