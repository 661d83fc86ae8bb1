package parse

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html/charset"

	"github.com/bateia/bateia/pipeline"
)

const (
	sheetRowsMax  = 1 << 20 // what spreadsheet programs can hold
	sheetColsMax  = 1 << 14
	xmlTokenMost  = 4 << 20 // bytes of one tag or text; a cell has at most 32,767 characters
	xmlDepthMost  = 256
	xmlReadBuffer = 64 << 10
)

// partReader reads the XML of a part in bounded memory and verifies its checksum.
type partReader struct {
	book  *workbook
	part  io.ReadCloser
	x     *xmlLexer
	depth int
}

func (b *workbook) openPart(name string) (*partReader, error) {
	f, ok := b.parts[name]
	if !ok {
		return nil, damagedWorkbook()
	}
	r, err := f.Open()
	if err != nil {
		return nil, b.archive.damage(err, "open part of workbook")
	}
	p := &partReader{book: b, part: r}
	// UTF-8 is the rule, and other encodings are declared at the start.
	peek := bufio.NewReaderSize(p, 1<<10)
	text := io.Reader(peek)
	if start, _ := peek.Peek(256); declaresOther(start) {
		if text, err = charset.NewReaderLabel(declaredEncoding(start), peek); err != nil {
			r.Close()
			return nil, damagedWorkbook()
		}
	} else if bytes.HasPrefix(start, []byte("\xEF\xBB\xBF")) {
		_, _ = peek.Discard(3) // they are there
	}
	p.x = newXMLLexer(text, xmlTokenMost)
	return p, nil
}

// declaresOther reports whether XML starts in another encoding than UTF-8.
func declaresOther(start []byte) bool {
	name := strings.ToLower(declaredEncoding(start))
	return name != "" && name != "utf-8" && name != "us-ascii"
}

// declaredEncoding is what a part says at its start about its encoding, "" when
// it says nothing.
func declaredEncoding(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("\xFF\xFE")):
		return "utf-16le"
	case bytes.HasPrefix(start, []byte("\xFE\xFF")):
		return "utf-16be"
	}
	head, _, found := bytes.Cut(start, []byte("?>"))
	_, after, named := bytes.Cut(head, []byte("encoding="))
	if !found || !named || len(after) < 2 {
		return ""
	}
	name, _, _ := bytes.Cut(after[1:], after[:1])
	return string(name)
}

// Read hands bytes to the lexer and counts them for the workbook.
func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.part.Read(b)
	if grown := p.book.read.grow(n); grown != nil {
		return 0, grown
	}
	return n, err
}

// next returns the next token; io.EOF is the end of the part. The token is valid
// until the next call.
func (p *partReader) next() (*xmlToken, error) {
	t, err := p.x.next()
	switch {
	case err == nil:
	case errors.Is(err, io.EOF) && p.depth == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return nil, p.meaning(io.ErrUnexpectedEOF)
	default:
		return nil, p.meaning(err)
	}
	switch t.kind {
	case xmlStart:
		if p.depth++; p.depth > xmlDepthMost {
			return nil, damagedWorkbook()
		}
	case xmlEnd:
		if p.depth--; p.depth < 0 {
			return nil, damagedWorkbook()
		}
	}
	return t, nil
}

// meaning tells refusals, failures and the end of the work from damage.
func (p *partReader) meaning(err error) error {
	switch {
	case p.book.ctx.Err() != nil:
		return p.book.ctx.Err()
	case p.book.archive.limit.failed != nil:
		return fmt.Errorf("read object: %w", p.book.archive.limit.failed)
	case pipeline.CodeOf(err) != "":
		return err
	case errors.Is(err, errXMLLong):
		return refusal(CodeBomb, "XML > "+sizeText(xmlTokenMost))
	case errors.Is(err, errXML):
		return damagedWorkbook()
	}
	return p.book.archive.damage(err, "read part of workbook")
}

// finish reads the rest of the part for its checksum.
func (p *partReader) finish() error {
	buf := make([]byte, xmlReadBuffer)
	for {
		if _, err := p.Read(buf); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return p.meaning(err)
		}
	}
}

func (p *partReader) close() { p.part.Close() } // read only: what failed was seen

// rows streams the rows of a sheet that are in the file, in order; number is
// that of the sheet, from 1. The cells are valid until row returns. An error of
// row ends the reading and is returned; without one the part is read to its end
// and its checksum verified. valueless is told of every cell that shows
// something and has no value, when it is not nil.
func (b *workbook) rows(s sheet, row func(number int, cells [][]byte) error, valueless func(number, column int)) error {
	p, err := b.openPart(s.part)
	if err != nil {
		return err
	}
	defer p.close()
	r := rowReader{p: p, valueless: valueless}
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return damagedWorkbook() // it had no end of its data
		}
		if err != nil {
			return err
		}
		switch t.kind {
		case xmlStart:
			switch {
			case string(t.name) == "row":
				if err := r.read(t); err != nil {
					return err
				}
				if err := row(r.number, r.cells); err != nil {
					return err
				}
			case string(t.name) == "sheetData", p.depth == 1:
			default:
				// Beside the rows stands nothing that is needed.
				if err := p.skip(); err != nil {
					return err
				}
			}
		case xmlEnd:
			if string(t.name) == "sheetData" {
				return p.finish()
			}
		}
	}
}

// skip passes over the rest of the element that began last.
func (p *partReader) skip() error {
	for end := p.depth - 1; p.depth > end; {
		if _, err := p.next(); errors.Is(err, io.EOF) {
			return damagedWorkbook()
		} else if err != nil {
			return err
		}
	}
	return nil
}

// rowReader reads one row after the other.
type rowReader struct {
	p         *partReader
	valueless func(number, column int)
	number    int
	cells     [][]byte
	value     []byte
}

// read reads the row that t starts.
func (r *rowReader) read(t *xmlToken) error {
	number := r.number + 1
	if at := t.attr("r"); len(at) > 0 {
		n, err := strconv.Atoi(string(at))
		if err != nil || n < number {
			return damagedWorkbook()
		}
		number = n
	}
	if number > sheetRowsMax {
		return damagedWorkbook()
	}
	r.number = number
	for i := range r.cells {
		r.cells[i] = r.cells[i][:0]
	}
	r.cells = r.cells[:0]
	column := -1
	for {
		t, err := r.p.next()
		if errors.Is(err, io.EOF) {
			return damagedWorkbook()
		}
		if err != nil {
			return err
		}
		switch t.kind {
		case xmlStart:
			if string(t.name) != "c" {
				if err := r.p.skip(); err != nil {
					return err
				}
				continue
			}
			column++
			if at := t.attr("r"); len(at) > 0 {
				if column, err = columnOf(at); err != nil {
					return err
				}
			}
			if column >= sheetColsMax {
				return damagedWorkbook()
			}
			if err := r.cell(t, column); err != nil {
				return err
			}
		case xmlEnd:
			return nil // of the row: everything else ends in cell or skip
		}
	}
}

// columnOf returns the column of a cell such as AB12, from 0.
func columnOf(at []byte) (int, error) {
	n := 0
	for i := range len(at) {
		switch c := at[i]; {
		case c >= 'A' && c <= 'Z':
			n = 26*n + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			n = 26*n + int(c-'a') + 1
		case n > 0:
			return n - 1, nil
		}
		if n > sheetColsMax {
			break
		}
	}
	return 0, damagedWorkbook()
}

// cell reads the cell that t starts into r.cells.
func (r *rowReader) cell(t *xmlToken, column int) error {
	kind, style := string(t.attr("t")), string(t.attr("s"))
	r.value = r.value[:0]
	formula, hasValue := false, false
	// what is open: the element whose text is the value
	const none = 0
	depth, in := r.p.depth, none
	for r.p.depth >= depth {
		t, err := r.p.next()
		if errors.Is(err, io.EOF) {
			return damagedWorkbook()
		}
		if err != nil {
			return err
		}
		switch t.kind {
		case xmlStart:
			switch string(t.name) {
			case "v", "t":
				in, hasValue = r.p.depth, true
			case "is", "r":
			default: // rPh is how a name is pronounced, not part of it
				formula = formula || string(t.name) == "f"
				if err := r.p.skip(); err != nil {
					return err
				}
			}
		case xmlText:
			if in != none && r.p.depth == in {
				r.value = append(r.value, t.text...)
			}
		case xmlEnd:
			in = none
		}
	}
	value, empty, err := r.p.book.value(r.value, kind, style)
	if err != nil {
		return err
	}
	if (empty || formula && !hasValue) && r.valueless != nil {
		r.valueless(r.number, column)
	}
	if len(value) == 0 {
		return nil
	}
	for len(r.cells) <= column {
		if len(r.cells) < cap(r.cells) {
			r.cells = r.cells[:len(r.cells)+1]
			r.cells[len(r.cells)-1] = r.cells[len(r.cells)-1][:0]
		} else {
			r.cells = append(r.cells, nil)
		}
	}
	r.cells[column] = append(r.cells[column][:0], value...)
	return nil
}

// plainText decodes what XML cannot hold: _x000D_ is a carriage return, _x005F_
// an underscore. Other control characters are left out.
func plainText(text []byte) []byte {
	i := bytes.Index(text, []byte("_x"))
	if i < 0 {
		return text
	}
	out := append([]byte(nil), text[:i]...)
	for i < len(text) {
		if text[i] == '_' && i+7 <= len(text) && text[i+1] == 'x' && text[i+6] == '_' {
			if c, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil && !utf16.IsSurrogate(rune(c)) {
				if c >= ' ' || c == '\t' || c == '\n' || c == '\r' {
					out = append(out, string(rune(c))...)
				}
				i += 7
				continue
			}
		}
		out = append(out, text[i])
		i++
	}
	return out
}
