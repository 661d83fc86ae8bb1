package parse

import (
	"bytes"
	"slices"

	"github.com/bateia/bateia/schemas/identity"
)

// How many rows below the header are compared with it, how many more rows a
// header may have, and how many rows of data have to stand below those: fewer
// say too little about their columns.
const (
	compareRows    = 60
	moreHeaderRows = 4
	dataRows       = 3
)

// columnKind is what the cells of one column have in common.
type columnKind struct {
	filled int
	typed  map[valueType]int
	shapes map[string]int
	texts  map[string]int
}

// columnsBelow looks at the rows from the given one on.
func (c *candidate) columnsBelow(text []byte, row int) []columnKind {
	out := make([]columnKind, c.width)
	for i := range out {
		out[i] = columnKind{typed: map[valueType]int{}, shapes: map[string]int{}, texts: map[string]int{}}
	}
	for i := row; i < min(len(c.rows), row+compareRows); i++ {
		for k, cell := range c.cellsOf(text, i) {
			if k == c.width {
				break
			}
			if t := cellType(cell); t != typeEmpty {
				out[k].filled++
				out[k].typed[t]++
				out[k].shapes[shapeOf(cell)]++
				out[k].texts[string(cell)]++
			}
		}
	}
	return out
}

// value returns the type that nearly all cells of the column have, typeText when
// there is none or it is text.
func (k *columnKind) value() valueType {
	for t, n := range k.typed {
		if t != typeText && t != typeMixed && n*10 >= k.filled*8 {
			return t
		}
	}
	return typeText
}

// shape returns the form that nearly all cells have when it is that of a code: it
// has digits.
func (k *columnKind) shape() string {
	for s, n := range k.shapes {
		if n*10 >= k.filled*8 && bytes.IndexByte([]byte(s), '9') >= 0 {
			return s
		}
	}
	return ""
}

// shapeOf reduces a cell to its form: letters to a, digits to 9, runs to one.
func shapeOf(cell []byte) string {
	var out []byte
	for _, ch := range bytes.TrimSpace(cell) {
		switch {
		case ch >= '0' && ch <= '9':
			ch = '9'
		case isWord(ch):
			ch = 'a'
		}
		if len(out) == 0 || out[len(out)-1] != ch || (ch != 'a' && ch != '9') {
			out = append(out, ch)
		}
		if len(out) == 24 {
			break
		}
	}
	return string(out)
}

// contrast compares a row with the columns below it: how many of its cells are
// text above values, as names are, and how many are values among their like.
func contrast(cells [][]byte, below []columnKind) (names, values int) {
	for i, cell := range cells {
		if i == len(below) {
			break
		}
		k := &below[i]
		t := cellType(cell)
		if t == typeEmpty || k.filled == 0 {
			continue
		}
		switch want := k.value(); {
		case want == typeText:
			if s := k.shape(); s != "" && shapeOf(cell) == s {
				values++
			} else if s != "" && digits(cell) == 0 {
				names++
			}
		case t == typeText:
			names++
		case t == want || (t == typeNumber && want == typePhone):
			if !isYear(cell) {
				values++
			}
		}
	}
	return names, values
}

// isYear recognizes the years that name columns.
func isYear(cell []byte) bool {
	cell = bytes.TrimSpace(cell)
	return len(cell) == 4 && digits(cell) == 4 && (bytes.HasPrefix(cell, []byte("19")) || bytes.HasPrefix(cell, []byte("20")))
}

// counts reports whether cells are whole numbers of equal steps, as the names of
// columns that are hours, days or months.
func counts(cells [][]byte) bool {
	step, last, n := 0, 0, 0
	for _, cell := range cells {
		cell = bytes.TrimSpace(cell)
		if len(cell) == 0 || len(cell) > 6 || digits(cell) != len(cell) {
			continue
		}
		v := 0
		for _, d := range cell {
			v = 10*v + int(d-'0')
		}
		if n++; n > 1 {
			if n > 2 && v-last != step {
				return false
			}
			step = v - last
		}
		last = v
	}
	return n > 2 && step > 0
}

// startsWithData reports whether the row that should be the header holds values:
// an e-mail address, a phone, a date, what the columns below it hold, or values
// that come again in the rows below it. A row that names fields is a header
// whatever else it holds.
func (c *candidate) startsWithData(text []byte, row int) bool {
	named := c.recognized(text, row)
	first := c.cellsOf(text, row)
	if named*2 >= len(first) && named > 0 {
		return false
	}
	if looksLikeData(first, named > 0) {
		return true
	}
	if named > 0 || c.width < 2 || row+1 >= len(c.rows) {
		return false
	}
	below := c.columnsBelow(text, row+1)
	names, values := contrast(first, below)
	switch {
	case values > names && !counts(first):
		return true
	case names > values:
		return false
	}
	return c.comesAgain(text, row, first)
}

// comesAgain reports whether some values of a row stand in the same columns of
// rows below it, as those of data do.
func (c *candidate) comesAgain(text []byte, row int, first [][]byte) bool {
	again := 0
	for i := row + 1; i < min(len(c.rows), row+compareRows); i++ {
		cells := c.cellsOf(text, i)
		same := 0
		for k := range min(len(cells), len(first)) {
			if len(first[k]) > 1 && bytes.Equal(cells[k], first[k]) {
				same++
			}
		}
		if same > 0 && same < len(first) {
			again++
		}
	}
	return again > 1
}

// moreHeader returns how many rows below the first one of the header are names
// too: text in most of the columns that hold values, and nothing but text. The
// header once more is passed over by an import, and joined when keep is set.
func (c *candidate) moreHeader(text []byte, row int, keep bool) int {
	first := c.cellsOf(text, row)
	n := 0
	for n < moreHeaderRows && row+n+1+dataRows < len(c.rows) {
		next := row + n + 1
		cells := c.cellsOf(text, next)
		if !keep && equalCells(cells, first) || c.rows[next].width != c.width {
			break
		}
		below := c.columnsBelow(text, next+1)
		names, values := contrast(cells, below)
		valued := 0
		for i := range below {
			if below[i].value() != typeText || below[i].shape() != "" {
				valued++
			}
		}
		if names < 2 || values > 0 || names*2 < valued || c.values(text, next) > 0 || slices.ContainsFunc(cells, saysNone) {
			break
		}
		n++
	}
	return n
}

// saysNone reports whether a cell says that there is no value, as rows of data do
// and names of columns do not.
func saysNone(cell []byte) bool { return len(cell) > 0 && identity.Blank(string(cell)) }

func equalCells(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
