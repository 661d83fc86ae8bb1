package parse

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/schemas"
)

// Counts is what Clean read and wrote.
type Counts struct {
	Records int64             // records written, the header not among them
	Blank   int64             // blank lines left out
	Defects map[string]Defect // records by the code of what was wrong with them; they are written nevertheless
	Skipped []schemas.Skipped // lines that are no records and were left out
	Header  bool              // the file has a header; else none was written either
}

// Defect is how many records have one code.
type Defect struct {
	Records   int64
	SheetRows []int64 // of the first ones, at most 20
}

// sheetRowsMost is how many sheet rows a Defect names.
const sheetRowsMost = 20

// Clean writes the object as UTF-8 with commas after RFC 4180: the header first,
// lines end with CRLF as the RFC asks, cells are quoted only when they must be,
// and every record has as many cells as the header. Cells that are missing are
// written empty. Cells too many are joined where one way to do so makes all fit
// their columns, else in the column of running text or the last one, with the
// file's own delimiter between them; when most records have more cells than the
// header, that gets empty names instead. All of it is counted by code: nothing is
// dropped but blank lines, and lines above the table and comments, which Counts
// names. A record that is too long to be held in memory is the exception: it is
// written with empty cells.
//
// What Clean wrote it writes again byte by byte. Errors are those of Open and of
// reading and writing.
func Clean(ctx context.Context, src io.ReaderAt, size int64, o Options, w io.Writer) (schemas.Dialect, Counts, error) {
	counts := Counts{Defects: map[string]Defect{}}
	o.OnError, o.nameColumns = Keep, true
	r, err := Open(src, size, o)
	if err != nil {
		return schemas.Dialect{}, counts, err
	}
	r.first = r.at.offset
	if err := r.widen(); err != nil {
		return r.Dialect(), counts, err
	}
	counts.Header = r.dialect.HeaderLine > 0
	out := bufio.NewWriterSize(w, 64<<10)
	f := formatter{delim: ',', width: r.width}
	if counts.Header || o.NameColumns {
		for _, name := range r.Header() {
			f.cell([]byte(name))
		}
		if _, err := out.Write(f.end()); err != nil {
			return r.Dialect(), counts, fmt.Errorf("write header: %w", err)
		}
	}
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		err = r.cleanSome(out, &f, &counts)
		if o.Progress != nil {
			o.Progress(r.BytesRead())
		}
	}
	counts.Records, counts.Blank, counts.Skipped = r.Records(), r.Blank(), r.Skipped()
	if !errors.Is(err, io.EOF) {
		return r.Dialect(), counts, err
	}
	if err := out.Flush(); err != nil {
		return r.Dialect(), counts, fmt.Errorf("write records: %w", err)
	}
	return r.Dialect(), counts, nil
}

// widen gives the header as many cells as most records of the sample have, when
// they have more: their last columns have no name.
func (r *Reader) widen() error {
	text, err := r.part(r.first, learnBytes, false)
	if err != nil {
		return err
	}
	var split cellSplitter
	widths, rows := map[int]int{}, 0
	for at := 0; at < len(text) && rows < sampleRows; rows++ {
		n, open := split.read(&r.syntax, text[at:])
		if open {
			n = r.lineLen(text[at:])
		}
		at += n
		cells := split.cells
		for len(cells) > 0 && len(bytes.TrimSpace(cells[len(cells)-1])) == 0 {
			cells = cells[:len(cells)-1]
		}
		widths[len(cells)]++
	}
	for width, n := range widths {
		if width > r.width && 2*n > rows {
			for len(r.header) < width {
				r.header = append(r.header, "")
			}
			r.width = width
			return nil
		}
	}
	return nil
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
		code, _ := schemas.SplitDefect(d.code)
		n := counts.Defects[code]
		n.Records++
		if len(n.SheetRows) < sheetRowsMost {
			n.SheetRows = append(n.SheetRows, b.rowCol[2][d.index])
		}
		counts.Defects[code] = n
	}
	return err
}
