package parse

import (
	"bytes"
	"cmp"

	"github.com/bateia/bateia/schemas"
)

// ragged decides over the record behind m, whose width is not the header's, and
// returns its defect. code is the defect it has already: a record that is broken
// otherwise is refused as it is.
//
//   - Empty cells beyond the header are dropped, and missing ones under header
//     cells without a name mean nothing.
//   - Too many cells: when exactly one way to join neighbors makes every cell
//     look like its column, they are joined (ROW_REPAIRED).
//   - Too few cells: when those that are there look like their columns, some of
//     them more than plain text, and those that are missing may be empty, the
//     record is taken (ROW_REPAIRED), without a word where the whole file leaves
//     out empty cells at the end.
//
// What else there is gets ROW_TOO_MANY_CELLS or ROW_TOO_FEW_CELLS, or is taken
// nevertheless when OnError is keep.
func (r *Reader) ragged(b *builder, m mark, code string) (string, error) {
	n := b.cells - m.cells
	wide := n
	for n > r.width && len(b.at(m.cells+n-1)) == 0 {
		n--
	}
	switch {
	case n <= r.width && (code != "" || n >= r.least && n == wide), code != "" && r.o.OnError != Keep:
		b.cells = m.cells + n
		return code, nil
	case r.alone:
		b.cells = m.cells + n
		return code, nil
	}
	columns, err := r.learn()
	if err != nil {
		return "", err
	}
	repaired := ""
	if n < r.width {
		repaired = r.tooFew(b, m, columns)
	} else {
		repaired = r.tooMany(b, m, columns, n)
	}
	return cmp.Or(code, repaired), nil
}

// tooMany decides over a record with more cells than the header, of which n are
// left when empty ones at its end are dropped.
func (r *Reader) tooMany(b *builder, m mark, columns *columns, n int) string {
	cells := r.cellsOf(b, m)
	if columns != nil && !(n == r.width && columns.fit(cells[:n])) {
		if take, ok := columns.join(cells); ok {
			return r.join(b, m, take)
		}
	}
	switch {
	case n == r.width:
		b.cells = m.cells + n
		return ""
	case r.o.OnError != Keep:
		b.cells = m.cells + n
		return CodeTooManyCells
	}
	// Nothing tells where the surplus belongs: the column of running text takes
	// it when there is one, else the last one.
	take := make([]int, r.width)
	for i := range take {
		take[i] = 1
	}
	take[columns.freest(r.width)] += n - r.width
	b.cells = m.cells + n
	return r.join(b, m, take)
}

// tooFew decides over a record that ends before the last header cell with a name.
func (r *Reader) tooFew(b *builder, m mark, columns *columns) string {
	cells := r.cellsOf(b, m)
	if columns != nil && columns.begins(cells) && (columns.trims || columns.optional(len(cells), r.least)) {
		if columns.trims {
			return ""
		}
		return schemas.Repaired(len(cells))
	}
	if r.o.OnError == Keep {
		return schemas.Repaired(len(cells))
	}
	return CodeTooFewCells
}

// cellsOf returns the cells behind m, valid until the builder changes.
func (r *Reader) cellsOf(b *builder, m mark) [][]byte {
	r.neighbors = r.neighbors[:0]
	for i := m.cells; i < b.cells; i++ {
		r.neighbors = append(r.neighbors, b.at(i))
	}
	return r.neighbors
}

// join joins the cells behind m, so many to each column, and returns the defect.
// Empty cells at either end of what is joined fall away with their delimiters.
func (r *Reader) join(b *builder, m mark, take []int) string {
	text := append(r.scratch[:0], b.text[m.n:b.n]...)
	r.scratch = text
	ends := make([]int, 0, b.cells-m.cells)
	for i := m.cells; i < b.cells; i++ {
		ends = append(ends, int(b.off[i+1])-m.n)
	}
	b.reset(m)
	at, from, where := 0, 0, -1
	for j, n := range take {
		for i := range n {
			cell := text[from:ends[at+i]]
			from = ends[at+i]
			rest := text[from:ends[at+n-1]]
			b.room(len(cell) + len(r.delims))
			b.n += copy(b.text[b.n:], cell)
			if started := b.n > int(b.off[b.cells]); started && len(bytes.TrimSpace(rest)) > 0 {
				b.n += copy(b.text[b.n:], r.delims)
			}
		}
		b.endCell()
		at += n
		if n > 1 && where < 0 {
			where = j
		}
	}
	return schemas.Repaired(where)
}
