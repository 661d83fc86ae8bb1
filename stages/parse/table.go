package parse

import (
	"github.com/bateia/bateia/schemas"
)

// headerReach is how many records of a sample may stand above the header.
const headerReach = 40

// table finds the header among the rows of the winning candidate, and whether
// lines that start with # are comments.
func (c *candidate) table(l *layout, text []byte, keep bool) {
	if len(c.rows) == 0 {
		return
	}
	fits, comments := 0, 0
	for i, r := range c.rows {
		switch {
		case !r.hash:
		case r.width == c.width && (i > 0 || c.width > 1):
			fits++
		case r.width == 1 && c.width > 1:
			comments++
		}
	}
	if comments > 0 && (fits == 0 || (fits == 1 && c.rows[c.first].hash)) {
		l.comment = []byte{'#'}
	}
	at := c.headerRow(text)
	l.header = c.rows[at].start
	if l.noHeader = c.startsWithData(text, at); l.noHeader {
		l.header = c.rows[min(at, c.first)].start
	} else if c.width > 1 {
		if keep || c.recognized(text, at) < 2 {
			l.headerMore = c.moreHeader(text, at, keep)
		}
	}
}

// headerRow returns the index of the header: the first row of names that are
// known, else the first one that is as wide as the table and mostly filled.
// Above it stand titles, dates and names, alone in their rows.
func (c *candidate) headerRow(text []byte) int {
	if c.width == 1 {
		return 0
	}
	reach := min(len(c.rows), headerReach)
	for i := range reach {
		n := c.recognized(text, i)
		if n < 2 || n*2 < c.rows[i].filled {
			continue
		}
		if i+1 < reach && c.recognized(text, i+1) > n {
			return i + 1 // names of groups stand above the names of columns
		}
		return i
	}
	for i, r := range c.rows[:reach] {
		if r.width != c.width {
			continue
		}
		if (r.filled < 2 || r.filled*10 < c.width*6) && c.recognized(text, i) == 0 {
			continue
		}
		if i == len(c.rows)-1 && i > 0 {
			return 0 // never one with nothing below it
		}
		if i > 0 && c.damagedHeader(text, i-1) {
			return i - 1
		}
		return i
	}
	if c.damagedHeader(text, 0) {
		return 0
	}
	return c.first
}

// damagedHeader reports whether a row is the header although most rows are of
// another width: it is all text, of nearly as many cells, and a row below it is
// not.
func (c *candidate) damagedHeader(text []byte, row int) bool {
	top := c.rows[row]
	if top.hash || top.width < 2 || top.filled < top.width-1 || c.values(text, row) > 0 {
		return false
	}
	if row > 0 && top.filled*10 < c.width*6 {
		return false // a title
	}
	for i := row + 1; i < min(len(c.rows), row+6); i++ {
		if c.values(text, i) > 0 {
			return true
		}
	}
	return false
}

// values returns how many cells of a row are something else than text.
func (c *candidate) values(text []byte, row int) (n int) {
	for _, cell := range c.cellsOf(text, row) {
		if t := cellType(cell); t != typeText && t != typeMixed && t != typeEmpty {
			n++
		}
	}
	return n
}

// recognized returns how many cells of a row name a field.
func (c *candidate) recognized(text []byte, row int) (n int) {
	for _, cell := range c.cellsOf(text, row) {
		if _, confidence, ok := schemas.MatchHeader(string(cell)); ok && confidence >= schemas.HeaderLikely {
			n++
		}
	}
	return n
}

// cellsOf splits a row again.
func (c *candidate) cellsOf(text []byte, row int) [][]byte {
	var split cellSplitter
	if _, open := split.read(&c.syntax, text[c.rows[row].start:]); open {
		return nil
	}
	return split.cells
}

// looksLikeData reports whether cells hold what no header has: an e-mail
// address, a phone, and unless some cell names a field also a date or a number
// long enough for a phone. Lists of who came have a column for each day.
func looksLikeData(cells [][]byte, named bool) bool {
	for _, c := range cells {
		switch t := cellType(c); {
		case t == typeEmail, t == typePhone:
			return true
		case !named && (t == typeDate || (t == typeNumber && digits(c) >= 8)):
			return true
		}
	}
	return false
}

func digits(s []byte) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}
