package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// What learn looks at, and what it asks before it says something of a column.
const (
	learnBytes  = 64 << 10 // at the start of the records; half of it each in the middle and at the end
	learnRows   = 5        // records that fit, else nothing is learned
	shapeRows   = 8        // cells of one shape before the shape is a rule
	shapeBytes  = 40       // longer cells have no shape
	enumRows    = 30       // cells before their values are a list …
	enumValues  = 16       // … of so many at most
	longDigits  = 8        // digits alone that are no quantity: phones, documents, postal codes
	habitRows   = 3        // short records before they are the writer's habit …
	habitShare  = 20       // … one in so many
	surplusMost = 8        // cells too many that are still sorted out
)

// looks is what a cell looks like, finer than valueType. A column is known by
// the set of classes of its cells.
type looks uint16

const (
	looksEmpty looks = 1 << iota
	looksNumber
	looksDigits // eight or more of them and nothing else
	looksDate
	looksPhone
	looksEmail
	looksURL
	looksText
	looksMixed
	looksSpaced // one of the others behind a blank, as behind a comma in a sentence
)

// looksStrict are the classes that say something: text is what anything can be.
const looksStrict = looksNumber | looksDigits | looksDate | looksPhone | looksEmail | looksURL

// looksForeign are the classes of cells that are no part of running text in a
// column that never holds them.
const looksForeign = looksStrict &^ looksNumber

// looksOf looks at one cell.
func looksOf(c []byte) looks {
	k := bareLooks(c)
	if k != looksEmpty && (c[0] == ' ' || c[0] == '\t') {
		k |= looksSpaced
	}
	return k
}

func bareLooks(c []byte) looks {
	bare := bytes.TrimSpace(c)
	if len(bare) == 0 {
		return looksEmpty
	}
	if i := bytes.Index(bare, []byte("://")); i > 0 && i < 8 || bytes.HasPrefix(bare, []byte("www.")) {
		if bytes.IndexByte(bare, ' ') < 0 {
			return looksURL
		}
	}
	switch cellType(bare) {
	case typeNumber:
		if len(bare) >= longDigits && digits(bare) == len(bare) {
			return looksDigits
		}
		return looksNumber
	case typeDate:
		return looksDate
	case typePhone:
		return looksPhone
	case typeEmail:
		return looksEmail
	case typeMixed:
		return looksMixed
	}
	return looksText
}

// column is what the well-formed records of a sample say of a column.
type column struct {
	seen   looks
	filled int
	shape  string // of every cell, "" when they differ
	values map[string]bool
	words  bool // some cell is of several words
}

// columns are the columns of a table. A nil one knows nothing.
type columns struct {
	list  []column
	trims bool // records end with their last cell that is filled

	scratch    []byte
	ways, next []uint8 // see join
}

// cellShape returns the cell with every digit, capital and other letter replaced
// by one, "" when it is too long. Characters beyond ASCII count as one letter
// however many follow each other: how many bytes they are is the encoding's.
func cellShape(dst, cell []byte) []byte {
	dst = dst[:0]
	cell = bytes.TrimSpace(cell)
	if len(cell) > shapeBytes {
		return dst
	}
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			c = '9'
		case c >= 'A' && c <= 'Z':
			c = 'A'
		case c >= 'a' && c <= 'z':
			c = 'a'
		case c >= utf8.RuneSelf:
			if c = 0; len(dst) > 0 && dst[len(dst)-1] == 0 {
				continue
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// valueOf returns the cell's ASCII characters, by which values of a list are
// told apart whatever the encoding.
func valueOf(dst, cell []byte) []byte {
	dst = dst[:0]
	for _, c := range bytes.TrimSpace(cell) {
		if c < utf8.RuneSelf {
			dst = append(dst, c)
		}
	}
	return dst
}

// add takes a cell of a well-formed record.
func (c *column) add(cell, scratch []byte) {
	k := looksOf(cell)
	c.seen |= k
	if k == looksEmpty {
		return
	}
	if c.filled++; c.filled == 1 {
		c.shape, c.values = string(cellShape(scratch, cell)), map[string]bool{}
	} else if c.shape != "" && c.shape != string(cellShape(scratch, cell)) {
		c.shape = ""
	}
	if c.values != nil {
		if c.values[string(valueOf(scratch, cell))] = true; len(c.values) > enumValues {
			c.values = nil
		}
	}
	c.words = c.words || bytes.IndexByte(bytes.TrimSpace(cell), ' ') > 0
}

// settle drops what too few cells say.
func (c *column) settle() {
	word := strings.ContainsAny(c.shape, "a\x00")
	if c.filled < shapeRows || word && (strings.ContainsRune(c.shape, ' ') || !strings.ContainsRune(c.shape, '9')) {
		c.shape = "" // words are as long as each other by chance
	}
	if c.filled < enumRows || c.filled < 4*len(c.values) {
		c.values = nil
	}
}

// fits reports whether a cell looks like those of the column.
func (c *column) fits(cell, scratch []byte) bool {
	k := looksOf(cell)
	switch {
	case c.seen&k != k:
		return false
	case k == looksEmpty:
		return true
	case c.shape != "" && c.shape != string(cellShape(scratch, cell)):
		return false
	}
	return c.values == nil || c.values[string(valueOf(scratch, cell))]
}

// free reports whether the column holds running text, in which a delimiter may
// stand by mistake.
func (c *column) free() bool {
	return c.seen&looksText != 0 && c.words && c.shape == "" && c.values == nil
}

// learn looks at the records at the start, in the middle and at the end of the
// object, once and only when a record does not fit. It returns nil when they say
// too little. What is held in the window at the moment makes no difference.
func (r *Reader) learn() (*columns, error) {
	if r.learned || r.alone {
		return r.columns, nil
	}
	r.learned = true
	var got learner
	got.list = make([]column, r.width)
	for i, part := range [3]struct{ from, size int64 }{
		{r.first, learnBytes}, {(r.first + r.win.size) / 2, learnBytes / 2}, {r.win.size - learnBytes/2, learnBytes / 2},
	} {
		if i > 0 && part.from < r.first+learnBytes {
			continue
		}
		text, err := r.part(part.from, part.size, i > 0)
		if err != nil {
			return nil, err
		}
		got.take(r, text, part.from+part.size >= r.win.size)
	}
	if got.rows < learnRows {
		return nil, nil
	}
	for i := range got.list {
		got.list[i].settle()
	}
	r.columns = &columns{list: got.list, scratch: make([]byte, 0, shapeBytes)}
	short := 0
	for _, cells := range got.short {
		if r.columns.begins(cells) {
			short++
		}
	}
	r.columns.trims = short >= habitRows && short*habitShare >= got.rows
	return r.columns, nil
}

// part returns the text of a part of the object; cut drops a line that began
// before it.
func (r *Reader) part(from, size int64, cut bool) ([]byte, error) {
	unit := int64(1)
	if r.win.wide != nil {
		unit = int64(r.win.wide.unit)
	}
	from += (unit - (from-r.first)%unit) % unit
	if size = min(size, r.win.size-from); size <= 0 {
		return nil, nil
	}
	text := make([]byte, size)
	if n, err := r.win.src.ReadAt(text, from); n < len(text) && err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil // the window will say so where it gets there
		}
		return nil, fmt.Errorf("read object at %d: %w", from, err)
	}
	if d := r.win.wide; d != nil {
		decoded := make([]byte, d.maxText(len(text)))
		_, n := d.decode(decoded, text, false)
		text = decoded[:n]
	}
	if cut {
		text = text[r.lineLen(text):]
	}
	return text, nil
}

// learner collects the columns of a sample.
type learner struct {
	list  []column
	rows  int
	short [][][]byte // records with cells missing at the end, a few
}

// take adds the records of text. The last one may be cut unless the text is the
// end of the object.
func (l *learner) take(r *Reader, text []byte, whole bool) {
	var split cellSplitter
	scratch := make([]byte, 0, shapeBytes)
	for at := 0; at < len(text); {
		n, open := split.read(&r.syntax, text[at:])
		if open {
			at += r.lineLen(text[at:])
			continue
		}
		at += n
		if at == len(text) && !whole {
			return
		}
		if len(split.cells) > 0 {
			last := &split.cells[len(split.cells)-1]
			*last = bytes.TrimRight(*last, "\r")
		}
		switch n := len(split.cells); {
		case n == r.width && !isBlankLine(split.cells):
			l.rows++
			for i, c := range split.cells {
				l.list[i].add(c, scratch)
			}
		case n > 1 && n < r.least && len(l.short) < 1000:
			l.short = append(l.short, append([][]byte(nil), split.cells...))
		}
	}
}

// begins reports whether cells are the first ones of a record whose last cells
// are missing: all of them fit, and at least one of them is more than text.
func (c *columns) begins(cells [][]byte) bool {
	told := false
	for i, cell := range cells {
		col := &c.list[i]
		if !col.fits(cell, c.scratch) {
			return false
		}
		told = told || col.tells(cell)
	}
	return told && len(cells) > 1
}

// join returns how many of the cells each column takes so that all fit: more
// than one where a delimiter was text, or stands twice. ok is false when there
// is no way, or more than one.
func (c *columns) join(cells [][]byte) (take []int, ok bool) {
	surplus := len(cells) - len(c.list)
	if surplus < 1 || surplus > surplusMost {
		return nil, false
	}
	// ways[j][s] counts, up to two, the ways to give the cells from j+s on to the
	// columns from j on, when s of the surplus is gone already.
	n, across := len(c.list), surplus+1
	c.ways, c.next = slices.Grow(c.ways[:0], (n+1)*across)[:(n+1)*across], slices.Grow(c.next[:0], n*across)[:n*across]
	ways, next := c.ways, c.next
	clear(ways)
	ways[n*across+surplus] = 1
	for j := n - 1; j >= 0; j-- {
		for s := surplus; s >= 0; s-- {
			for t := 0; s+t <= surplus; t++ {
				w := ways[(j+1)*across+s+t]
				if w == 0 || !c.takes(j, cells, j+s, t) {
					continue
				}
				ways[j*across+s] = min(2, ways[j*across+s]+w)
				next[j*across+s] = uint8(t)
			}
		}
	}
	if ways[0] != 1 {
		return nil, false
	}
	take = make([]int, n)
	for j, s := 0, 0; j < n; j++ {
		t := int(next[j*across+s])
		take[j], s = t+1, s+t
	}
	return take, c.vouched(cells, take)
}

// vouched reports whether a value behind each delimiter that stands twice tells
// that it belongs where the repair puts it. Empty cells and plain text fit
// anywhere, so a record of those alone may just as well have two cells too many.
func (c *columns) vouched(cells [][]byte, take []int) bool {
	some, told, at := false, false, len(cells)
	for j := len(take) - 1; j >= 0; j-- {
		at -= take[j]
		if take[j] > 1 && len(cells[at+take[j]-1]) == 0 && some && !told {
			return false
		}
		some = some || len(cells[at]) > 0
		told = told || c.list[j].tells(cells[at])
	}
	return true
}

// tells reports whether a cell that fits the column is more than text that would
// fit any.
func (c *column) tells(cell []byte) bool {
	k := looksOf(cell)
	return k != looksEmpty && (c.seen&looksText == 0 || k&looksStrict != 0 || c.shape != "" || c.values != nil)
}

// takes reports whether column j can hold cell i and the more cells behind it.
// Cells that are empty at the end of them stand for a delimiter that was written
// twice; only the first column can have them at its start, and a run of empty
// cells gives up its last ones, so that no result is counted twice.
func (c *columns) takes(j int, cells [][]byte, i, more int) bool {
	col := &c.list[j]
	if more == 0 {
		return col.fits(cells[i], c.scratch)
	}
	from, to := i, i+more
	for to > from && len(cells[to]) == 0 {
		to--
	}
	if to < i+more && i+more+1 < len(cells) && len(cells[i+more+1]) == 0 {
		return false
	}
	if j == 0 && to == i+more {
		for from < to && len(cells[from]) == 0 {
			from++
		}
	}
	switch {
	case from == to:
		return col.fits(cells[from], c.scratch)
	case len(cells[from]) == 0, looksOf(cells[from])&looksSpaced&^col.seen != 0:
		return false
	}
	for _, cell := range cells[from : to+1] {
		if looksOf(cell)&looksForeign&^col.seen != 0 {
			return false
		}
	}
	return col.free()
}

// fit reports whether a record of the header's width looks like the others.
func (c *columns) fit(cells [][]byte) bool {
	for i, cell := range cells {
		if !c.list[i].fits(cell, c.scratch) {
			return false
		}
	}
	return true
}

// optional reports whether the columns from one to before another may be empty.
func (c *columns) optional(from, to int) bool {
	for _, col := range c.list[from:to] {
		if col.seen&looksEmpty == 0 {
			return false
		}
	}
	return true
}

// freest returns the only column of running text, else the last one.
func (c *columns) freest(width int) int {
	at := -1
	if c != nil {
		for i := range c.list {
			if c.list[i].free() {
				if at >= 0 {
					return width - 1
				}
				at = i
			}
		}
	}
	if at < 0 {
		return width - 1
	}
	return at
}
