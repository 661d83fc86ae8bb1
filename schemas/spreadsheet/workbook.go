package spreadsheet

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Sheet is the name of a workbook's one sheet.
const Sheet = "Bateia"

// Limits of .xlsx: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxCell    = 32_767 // UTF-16 units
)

// maxNotes bounds the notes on cells, of which spreadsheets become slow.
const maxNotes = 1000

// ErrLimit is returned for what fits no .xlsx, and would be cut off.
var ErrLimit = errors.New("more than an .xlsx file can hold")

// Workbook writes one table as .xlsx. All cells are text, and what is typed into them
// stays as it is typed; a mark has only what would be taken for a marked text when the
// file comes back.
type Workbook struct {
	file  *excelize.File
	sheet *excelize.StreamWriter
	row   int // written last, from 1
	text  int // style of cells
	bad   int // style of cells with a note
	notes []excelize.Comment
}

// NewWorkbook begins a table under a header. The column wide, counted from 0, holds
// sentences; -1 for none. What is too large for memory lies in dir until Close. An
// error wraps ErrLimit when the header does not fit.
func NewWorkbook(dir string, header []string, wide int) (_ *Workbook, err error) {
	if err := fits(header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	w := &Workbook{file: excelize.NewFile(excelize.Options{TmpDir: dir})}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.file.Close())
		}
	}()
	if err := w.file.SetSheetName(w.file.GetSheetName(0), Sheet); err != nil {
		return nil, err
	}
	const textFormat = 49 // "@"
	title := 0
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&title, excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}}},
		{&w.text, excelize.Style{NumFmt: textFormat}},
		{&w.bad, excelize.Style{NumFmt: textFormat, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFC7CE"}}}},
	} {
		if *s.id, err = w.file.NewStyle(&s.style); err != nil {
			return nil, err
		}
	}
	if w.sheet, err = w.file.NewStreamWriter(Sheet); err != nil {
		return nil, err
	}
	columns := max(1, len(header))
	if err := w.sheet.SetColWidth(1, columns, 20); err != nil {
		return nil, err
	}
	if wide >= 0 {
		if err := w.sheet.SetColWidth(wide+1, wide+1, 80); err != nil {
			return nil, err
		}
	}
	if err := w.sheet.SetColStyle(1, columns, w.text); err != nil { // of rows that people add
		return nil, err
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return w, w.write(header, func(int) int { return title })
}

// Add writes a row. The cells of the columns in notes, counted from 0, are coloured
// and get the text as a note, as far as spreadsheets bear it. An error wraps ErrLimit
// when the row does not fit.
func (w *Workbook) Add(cells []string, notes map[int]string) error {
	err := w.write(cells, func(column int) int {
		if notes[column] != "" {
			return w.bad
		}
		return w.text
	})
	if err != nil {
		return err
	}
	for i := range cells {
		if notes[i] == "" || len(w.notes) == maxNotes {
			continue
		}
		at, err := excelize.CoordinatesToCellName(i+1, w.row)
		if err != nil {
			return err
		}
		w.notes = append(w.notes, excelize.Comment{Author: Sheet, Cell: at, Text: notes[i]})
	}
	return nil
}

func (w *Workbook) write(cells []string, style func(column int) int) error {
	err := fits(cells)
	if w.row == maxRows {
		err = ErrLimit
	}
	if err != nil {
		return fmt.Errorf("row %d: %w", w.row+1, err)
	}
	w.row++
	out := make([]any, len(cells))
	for i, c := range cells {
		if Unguard(c) != c {
			c = Guard(c) // import takes off one mark
		}
		out[i] = excelize.Cell{StyleID: style(i), Value: c}
	}
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.sheet.SetRow(at, out)
}

// fits returns ErrLimit for more or longer cells than a row can have.
func fits(cells []string) error {
	if len(cells) > maxColumns {
		return ErrLimit
	}
	for _, c := range cells {
		if len(c) > maxCell && len(utf16.Encode([]rune(c))) > maxCell {
			return ErrLimit
		}
	}
	return nil
}

// WriteTo writes the file, and nothing can be added afterwards.
func (w *Workbook) WriteTo(to io.Writer) (int64, error) {
	// Before the sheet is closed: its end names the notes.
	for _, n := range w.notes {
		if err := w.file.AddComment(Sheet, n); err != nil {
			return 0, err
		}
	}
	if err := w.sheet.Flush(); err != nil {
		return 0, err
	}
	return w.file.WriteTo(to)
}

// Close gives back what it took.
func (w *Workbook) Close() error { return w.file.Close() }
