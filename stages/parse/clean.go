package parse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
)

// Counts is what Clean read and wrote.
type Counts struct {
	Records int64            // records written, the header not among them
	Blank   int64            // blank lines left out
	Defects map[string]int64 // records by what was wrong with them; they are written nevertheless
}

// Clean writes the object as UTF-8 with commas after RFC 4180: the header first,
// lines end with CRLF as the RFC asks, cells are quoted only when they must be.
// Short records are padded to the width of the header, long ones are written
// with all their cells, and defects are counted: nothing is dropped but blank
// lines and what comes before the header. A record that is too long to be held
// in memory is the exception: it is written with empty cells.
//
// A file of no records is written as its header. One without a header gets the
// names column_1, column_2 and so on. Errors are those of Open and
// of reading and writing.
func Clean(ctx context.Context, src io.ReaderAt, size int64, o Options, w io.Writer) (schemas.Dialect, Counts, error) {
	counts := Counts{Defects: map[string]int64{}}
	o.OnError, o.nameColumns = Keep, true
	r, err := Open(src, size, o)
	if err != nil {
		return schemas.Dialect{}, counts, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	f := formatter{delim: ',', width: len(r.Header())}
	for _, name := range r.Header() {
		f.cell([]byte(name))
	}
	if _, err := out.Write(f.end()); err != nil {
		return r.Dialect(), counts, fmt.Errorf("write header: %w", err)
	}
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		err = r.cleanSome(out, &f, &counts)
	}
	counts.Records, counts.Blank = r.Records(), r.Blank()
	if !errors.Is(err, io.EOF) {
		return r.Dialect(), counts, err
	}
	if err := out.Flush(); err != nil {
		return r.Dialect(), counts, fmt.Errorf("write records: %w", err)
	}
	return r.Dialect(), counts, nil
}

// cleanSome writes the next records.
func (r *Reader) cleanSome(out *bufio.Writer, f *formatter, counts *Counts) error {
	b := newBuilder(memory.DefaultAllocator, 256, 32<<10, 256*r.width)
	defer b.release()
	var err error
	for b.rows < 256 && b.n < r.o.BatchBytes && err == nil {
		err = r.next(b)
	}
	for i := range b.rows {
		for c := b.list[i]; c < b.list[i+1]; c++ {
			f.cell(b.at(int(c)))
		}
		if _, err := out.Write(f.end()); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
	}
	for _, d := range b.defects {
		counts.Defects[d.code]++
	}
	return err
}

// formatter writes records.
type formatter struct {
	delim byte
	width int // every record has at least so many cells
	cells int
	line  []byte
}

// cell appends a cell, in quotes when it would be read as something else
// without them.
func (f *formatter) cell(c []byte) {
	if f.cells > 0 {
		f.line = append(f.line, f.delim)
	}
	f.cells++
	if !f.needsQuotes(c) {
		f.line = append(f.line, c...)
		return
	}
	f.line = append(f.line, '"')
	for _, ch := range c {
		if ch == '"' {
			f.line = append(f.line, '"')
		}
		f.line = append(f.line, ch)
	}
	f.line = append(f.line, '"')
}

func (f *formatter) needsQuotes(c []byte) bool {
	if len(c) == 0 {
		return f.width == 1 // else the line would be blank
	}
	if c[0] == ' ' || c[0] == '\t' || c[len(c)-1] == ' ' || c[len(c)-1] == '\t' {
		return true
	}
	for _, ch := range c {
		if ch == f.delim || ch == '"' || ch == '\n' || ch == '\r' {
			return true
		}
	}
	return false
}

// end pads the record, ends its line and returns it, valid until the next cell.
func (f *formatter) end() []byte {
	for f.cells < f.width {
		f.cell(nil)
	}
	line := append(f.line, '\r', '\n')
	f.line, f.cells = line[:0], 0
	return line
}
