package parse

import (
	"bytes"
	"errors"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// Footers stand in the last few lines of a file.
const (
	footerBytes = 4 << 10
	footerLines = 20
)

// footerStarts and footerEnds are what the first words of a footer start and end
// with, in the form of schemas.FoldHeader.
var (
	footerStarts = []string{
		"total", "totais", "totales", "subtotal", "subtotais", "grandtotal", "soma", "suma", "sumatotal", "somatotal",
		"geradoem", "geradopor", "exportadoem", "emitidoem", "generadoel", "generadoen", "exportadoel", "generatedon", "generatedby", "exportedon", "exportedfrom",
		"fonte", "fuente", "source", "pagina", "page", "quantidade", "cantidad", "fimdo", "findel", "endof",
	}
	footerEnds = []string{"registros", "records", "linhas", "filas", "rows", "contatos", "contactos", "contacts"}
)

// footer reports whether the record behind m, which ends in the window at end,
// starts the footer: from here to the end of the object no line is a record, each
// is a total or a remark. Then everything that is left is passed over.
func (r *Reader) footer(b *builder, m mark, end int) (bool, error) {
	w := &r.win
	if r.width < 3 || r.o.OnError == Keep || r.at.row == 0 || w.size-r.at.offset > min(footerBytes, int64(w.limit)) {
		return false, nil
	}
	var cells [][]byte
	for i := m.cells; i < b.cells; i++ {
		cells = append(cells, b.at(i))
	}
	if !r.isFooter(cells) {
		return false, nil
	}
	at := end - w.pos
	for !w.eof {
		if err := w.fill(); errors.Is(err, errRecordTooLong) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	var split cellSplitter
	for lines := 0; at < len(w.text()); lines++ {
		n, open := split.read(&r.syntax, w.text()[at:])
		if open || lines == footerLines || !(isBlankLine(split.cells) || r.isFooter(split.cells)) {
			return false, nil
		}
		at += n
	}
	b.reset(m)
	for w.pos < w.end {
		_, next, _, err := r.line(0, w.limit)
		if err != nil {
			return false, err
		}
		r.advance(b, footing, w.pos+next, 1, "")
	}
	return true, nil
}

// isFooter reports whether cells are a total or a remark: few of them filled,
// and the first filled one says so.
func (r *Reader) isFooter(cells [][]byte) bool {
	first, filled := "", 0
	for _, c := range cells {
		if len(bytes.TrimSpace(c)) > 0 {
			if filled++; filled == 1 {
				first = string(c)
			}
		}
	}
	if filled == 0 || (len(cells) >= r.least && filled > max(2, r.width/3)) || filled >= r.width {
		return false
	}
	folded := schemas.FoldHeader(first)
	for _, s := range footerStarts {
		if strings.HasPrefix(folded, s) {
			return true
		}
	}
	for _, s := range footerEnds {
		if strings.HasSuffix(folded, s) && folded != s {
			return true
		}
	}
	return false
}

func isBlankLine(cells [][]byte) bool {
	for _, c := range cells {
		if len(bytes.TrimSpace(c)) > 0 {
			return false
		}
	}
	return true
}

// repeatsHeader reports whether the cells behind m are the header again, as when
// files were put one behind the other, with the byte order mark of the second.
func (r *Reader) repeatsHeader(b *builder, m mark) bool {
	if r.width < 2 || r.o.OnError == Keep || b.cells-m.cells != r.width {
		return false
	}
	for i, name := range r.header {
		cell := b.at(m.cells + i)
		if i == 0 {
			cell = bytes.TrimPrefix(cell, []byte("\uFEFF"))
		}
		if string(cell) != name {
			return false
		}
	}
	return true
}
