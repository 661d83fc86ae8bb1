package parse

import (
	"bytes"
	"math"
)

// delimiters are the candidates, the more common ones first: they win ties.
var delimiters = []byte{',', ';', '\t', '|'}

// lineEnds names the line ends outside of quotes in a sample.
func lineEnds(text []byte) string {
	var lf, crlf, cr int
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			if i > 0 && text[i-1] == '\r' {
				crlf++
			} else {
				lf++
			}
		case c == '\r' && (i+1 == len(text) || (text[i+1] != '\n' && text[i+1] != '\r')):
			cr++
		}
	}
	switch {
	case lf+crlf+cr == 0:
		// Perhaps a quote that is never closed hides them.
		switch {
		case bytes.Contains(text, []byte("\r\n")):
			return "\r\n"
		case bytes.IndexByte(text, '\n') >= 0:
			return "\n"
		case bytes.IndexByte(text, '\r') >= 0:
			return "\r"
		}
		return ""
	case lf+crlf == 0:
		return "\r"
	case lf == 0 && cr == 0:
		return "\r\n"
	case crlf == 0 && cr == 0:
		return "\n"
	}
	return "mixed"
}

// guessDelimiter decides over the delimiter of a sample: every candidate is
// tried, and the one wins by which the records have one shape, as many cells as
// possible, and cells that look like values of one kind. "" means one column.
// The confidence is the winner's share of all scores.
func guessDelimiter(text []byte, whole, crEnds bool) (delim string, confidence float64) {
	best, sum := 0.0, 0.0
	for _, d := range delimiters {
		s := shapeOf(text, whole, crEnds, d)
		score := s.score()
		sum += score
		if score > best {
			best, delim = score, string(d)
		}
	}
	one := shapeOf(text, whole, crEnds, '\n')
	score := one.score()
	sum += score
	if score > best {
		best, delim = score, ""
	}
	if sum == 0 {
		return "", 0
	}
	return delim, math.Round(100*best/sum) / 100
}

// shape is what a sample looks like when it is split in one way.
type shape struct {
	widths map[int]int // records by number of cells
	first  int         // cells of the first record
	rows   int
	cells  int
	typed  float64 // sum over the cells of how much they look like one value
}

// score says how much a shape looks like a table. It follows the idea of van
// den Burg, Nazábal and Sutton, Wrangling messy CSV files by detecting row and
// type patterns (2019): a pattern score, high for few distinct and long row
// patterns, times the share of cells with a recognizable type.
func (s shape) score() float64 {
	if s.rows == 0 || s.cells == 0 {
		return 0
	}
	pattern, most := 0.0, 0
	for width, n := range s.widths {
		gain := float64(width-1) / float64(width)
		pattern += float64(n) * max(gain, 0.01)
		most = max(most, n)
	}
	pattern /= float64(len(s.widths)) * float64(s.rows)
	// A header of one cell over wider records is no table; nor is one whose
	// records agree on nothing.
	if s.first == 1 && s.widths[1] < s.rows {
		pattern *= 0.1
	}
	pattern *= float64(most) / float64(s.rows)
	return pattern * (0.01 + s.typed/float64(s.cells))
}

// sampleRows is how many records of the sample are looked at.
const sampleRows = 400

// shapeOf splits a sample at a delimiter.
func shapeOf(text []byte, whole, crEnds bool, delim byte) shape {
	s := shape{widths: map[int]int{}}
	r := syntax{delim: delim, quote: '"', crEnds: crEnds}
	b := sampleCells{}
	for len(text) > 0 && s.rows < sampleRows {
		n, open := b.read(&r, text)
		if n == len(text) && !whole && s.rows > 0 {
			break // the sample cuts this record
		}
		if open {
			// An unclosed quote: take the line alone, as reading will.
			if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
				n = i + 1
				b.read(&r, text[:i])
			}
		}
		text = text[n:]
		if b.blank() {
			continue
		}
		if s.rows == 0 {
			s.first = len(b.cells)
		}
		s.rows++
		s.widths[len(b.cells)]++
		s.cells += len(b.cells)
		for i, c := range b.cells {
			s.typed += b.weight(i, c)
		}
	}
	return s
}

// sampleCells are the cells of one record of a sample.
type sampleCells struct {
	cells  [][]byte
	quoted []bool
}

// read splits the first record of text and returns its length.
func (b *sampleCells) read(r *syntax, text []byte) (n int, open bool) {
	b.cells, b.quoted = b.cells[:0], b.quoted[:0]
	i := 0
	for {
		start, quoted := i, false
		if i < len(text) && text[i] == r.quote {
			end := closingQuote(text, i+1, r.delim)
			if end < 0 {
				return len(text), true
			}
			i, quoted = end+1, true
		}
		for i < len(text) && text[i] != r.delim && text[i] != '\n' && text[i] != '\r' {
			i++
		}
		cell := text[start:i]
		if quoted {
			cell = bytes.Trim(cell, `"`)
		}
		b.cells, b.quoted = append(b.cells, cell), append(b.quoted, quoted)
		if i == len(text) {
			return i, false
		}
		if c := text[i]; c == '\n' || c == '\r' {
			if c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			return i + 1, false
		}
		i++
	}
}

// closingQuote returns where the quote stands that ends a cell, or -1.
func closingQuote(text []byte, i int, delim byte) int {
	for {
		j := bytes.IndexByte(text[i:], '"')
		if j < 0 {
			return -1
		}
		i += j
		if i+1 == len(text) || text[i+1] == delim || text[i+1] == '\n' || text[i+1] == '\r' {
			return i
		}
		if text[i+1] == '"' {
			i++
		}
		i++
	}
}

func (b *sampleCells) blank() bool {
	for i, c := range b.cells {
		if b.quoted[i] || len(bytes.TrimSpace(c)) > 0 {
			return false
		}
	}
	return true
}

// weight says how much cell i looks like one value.
func (b *sampleCells) weight(i int, c []byte) float64 {
	if b.quoted[i] {
		return 1
	}
	switch cellType(c) {
	case typeMixed:
		return 0
	case typeText:
		return 0.9
	}
	return 1
}
