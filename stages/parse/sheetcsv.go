package parse

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/bateia/bateia/schemas"
)

// namedCells is how many cells without a value are named.
const namedCells = 10

// sheetWriter writes the rows of a sheet as the CSV that a spreadsheet program
// would save, with one record for every row of the sheet: rows that are not in
// the file are blank lines, so that sheet rows are those of the program.
type sheetWriter struct {
	w      io.Writer
	f      formatter
	rows   []writtenRow
	width  int
	ragged bool // some row has fewer cells than a later one
}

// writtenRow is how a row was written.
type writtenRow struct {
	bytes int64
	cells int // 0 for a blank line
}

var blankLine = []byte("\r\n")

// row writes one row and the blank ones before it.
func (s *sheetWriter) row(number int, cells [][]byte) error {
	for len(s.rows) < number-1 {
		if err := s.write(blankLine, 0); err != nil {
			return err
		}
	}
	n := len(cells)
	for n > 0 && len(bytes.TrimSpace(cells[n-1])) == 0 {
		n--
	}
	if n == 0 {
		return s.write(blankLine, 0)
	}
	s.ragged = s.ragged || s.width > 0 && n > s.width
	s.width = max(s.width, n)
	s.f.delim, s.f.width = ',', s.width
	for _, c := range cells[:n] {
		s.f.cell(c)
	}
	return s.write(s.f.end(), s.width)
}

func (s *sheetWriter) write(line []byte, cells int) error {
	s.rows = append(s.rows, writtenRow{int64(len(line)), cells})
	_, err := s.w.Write(line)
	return err
}

// pad copies what was written with as many cells in every row as the widest has.
func (s *sheetWriter) pad(src io.Reader, w io.Writer) error {
	in := bufio.NewReaderSize(src, readAhead)
	more := []byte(strings.Repeat(",", s.width))
	for _, r := range s.rows {
		if r.cells == 0 || r.cells == s.width {
			if _, err := io.CopyN(w, in, r.bytes); err != nil {
				return err
			}
			continue
		}
		if _, err := io.CopyN(w, in, r.bytes-int64(len(blankLine))); err != nil {
			return err
		}
		if _, err := in.Discard(len(blankLine)); err != nil {
			return err
		}
		if _, err := w.Write(more[:s.width-r.cells]); err != nil {
			return err
		}
		if _, err := w.Write(blankLine); err != nil {
			return err
		}
	}
	return nil
}

// spillSheet writes a sheet of the workbook as text, which u reads from now on.
func (u *Unpacked) spillSheet(ctx context.Context, b *workbook, o UnpackOptions) error {
	s, others, err := b.choose(o.Sheet)
	if err != nil {
		return err
	}
	var lost int64
	var where []string
	valueless := func(row, column int) {
		if lost++; len(where) < namedCells {
			if name, err := excelize.CoordinatesToCellName(column+1, row); err == nil {
				where = append(where, name)
			}
		}
	}
	var out sheetWriter
	text := Unpacked{}
	err = text.spill(o.Dir, newSink(ctx, o.MaxBytes, b.archive.size), func(w io.Writer) error {
		out.w = w
		return b.rows(s, out.row, valueless)
	})
	if err != nil {
		return err
	}
	if out.ragged {
		narrow := text.file
		err = text.spill(o.Dir, newSink(ctx, o.MaxBytes, b.archive.size), func(w io.Writer) error {
			return out.pad(section(narrow, text.Size), w)
		})
		if err := errors.Join(err, discard(narrow)); err != nil {
			return fmt.Errorf("pad rows: %w", err)
		}
	}
	u.ReaderAt, u.Size, u.file = text.file, text.Size, text.file
	u.workbook, u.Sheet = true, s.name
	if len(others) > 0 {
		u.warn(schemas.FileIssue{Code: CodeSheetsLeft, Count: int64(len(others)), Names: others, Detail: s.name})
	}
	if lost > 0 {
		detail := strings.Join(where, ", ")
		if lost > namedCells {
			detail += " …"
		}
		u.warn(schemas.FileIssue{Code: CodeValueless, Count: lost, Detail: detail})
	}
	return nil
}

func (u *Unpacked) warn(issue schemas.FileIssue) {
	issue.Severity = schemas.SeverityWarning
	u.Issues = append(u.Issues, issue)
}
