package report

import (
	"errors"
	"os"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// Workbook writes rows to correct as .xlsx, with the columns that Feedback has: bad
// cells are coloured and have the sentence as a note. A cell that looks as if Feedback
// had marked it gets the mark, so that import takes off the same from both.
type Workbook struct {
	*spreadsheet.Workbook
	columns columns
}

// NewWorkbook writes the header. What is too large for memory lies in dir until Close.
func NewWorkbook(dir string, id schemas.ImportID, header []string, locale string) (*Workbook, error) {
	w := &Workbook{columns: columnsOf(id, header, locale)}
	var err error
	w.Workbook, err = spreadsheet.NewWorkbook(dir, w.columns.names, len(w.columns.names)-1)
	return w, err
}

// Add writes one row; an error wraps spreadsheet.ErrLimit when it does not fit.
func (w *Workbook) Add(row RefusedRow) error {
	notes := map[int]string{}
	for _, issue := range row.Issues {
		if issue.Column == "" || issue.Severity != schemas.SeverityError && issue.Code != row.Reason {
			continue
		}
		for i := range w.columns.own {
			if w.columns.names[i] == issue.Column {
				if notes[i] != "" {
					notes[i] += "\n"
				}
				notes[i] += schemas.Sentence(issue.Code, w.columns.locale)
				break
			}
		}
	}
	return w.Workbook.Add(w.columns.cells(row), notes)
}

// workbookRows is up to how many rows are written as .xlsx beside a drop: with more,
// spreadsheets become slow, and the .csv has them all.
const workbookRows = 100_000

// writeFile writes the workbook to a file of its own.
func (w *Workbook) writeFile(path string) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = w.WriteTo(out)
	return errors.Join(err, out.Close())
}
