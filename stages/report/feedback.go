package report

import (
	"io"
	"strings"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// RefusedRow is one row that became no lead.
type RefusedRow struct {
	Row        int64 // records after the header, from 1
	SheetRow   int64 // what a spreadsheet shows, or what the source calls the row when it is no file
	Status     schemas.Outcome
	Reason     string   // the one code that decided Status
	ProspectID string   // "" when it has none
	Cells      []string // as they stand in the file, as many as the row has
	Issues     []Issue
}

// Issue is what is wrong with a row or one of its cells.
type Issue struct {
	Code     string
	Severity schemas.Severity
	Column   string // header of the column, "" for the row
}

// Columns that the feedback file adds behind the input's own. On return they
// are never data.
const (
	ColumnRow        = schemas.ColumnRow
	ColumnStatus     = "bateia_status"
	ColumnProspectID = "bateia_prospect_id"
	ColumnIssues     = "bateia_issues"
)

// Delimiter returns what separates the cells of a CSV that a spreadsheet opens
// by itself: a semicolon where the comma is the decimal mark.
func Delimiter(locale string) byte {
	if schemas.Locale(locale) == "en" {
		return ','
	}
	return ';'
}

// columns are those of a feedback file: the input's own in the input's order, then
// the four above. Those that the input has itself, as it came back before, are left
// out: what they said is over. The export that rows are from goes on. A row with fewer
// cells than the header gets blank ones; of a row with more, the ones too many stand
// behind bateia_issues, where they can be seen and moved.
type columns struct {
	importID schemas.ImportID
	names    []string
	width    int   // columns of the input
	own      []int // those of them that are written
	marked   bool  // cells carry marks from the last time
	locale   string
}

func columnsOf(id schemas.ImportID, header []string, locale string) columns {
	c := columns{importID: id, width: len(header), marked: schemas.Marked(header), locale: locale}
	for i, name := range header {
		if !schemas.IsOwnColumn(name) || schemas.IsExportColumn(name) {
			c.own = append(c.own, i)
			c.names = append(c.names, c.plain(name))
		}
	}
	c.names = append(c.names, ColumnRow, ColumnStatus, ColumnProspectID, ColumnIssues)
	return c
}

// plain takes off a mark that the cell has from the last time.
func (c columns) plain(cell string) string {
	if c.marked {
		return spreadsheet.Unguard(cell)
	}
	return cell
}

// cells returns what a row has in each column, and then the cells too many.
func (c columns) cells(row RefusedRow) []string {
	cells := make([]string, 0, len(c.names))
	for _, i := range c.own {
		cell := ""
		if i < len(row.Cells) {
			cell = c.plain(row.Cells[i])
		}
		cells = append(cells, cell)
	}
	cells = append(cells, schemas.LeadID(c.importID, row.Row), string(row.Status), row.ProspectID, sentences(row, c.locale))
	for _, cell := range row.Cells[min(c.width, len(row.Cells)):] {
		cells = append(cells, c.plain(cell))
	}
	return cells
}

// Feedback writes rows to correct as CSV for people.
type Feedback struct {
	out     *spreadsheet.CSV
	columns columns
}

// NewFeedback writes the header. locale decides the language of the sentences;
// delimiter is one byte, see Delimiter.
func NewFeedback(w io.Writer, id schemas.ImportID, header []string, locale string, delimiter byte) (*Feedback, error) {
	f := &Feedback{columns: columnsOf(id, header, locale)}
	var err error
	f.out, err = spreadsheet.NewCSV(w, f.columns.names, delimiter)
	return f, err
}

// Add writes one row.
func (f *Feedback) Add(row RefusedRow) error { return f.out.Add(f.columns.cells(row)) }

// Close writes what is still in memory; it does not close the writer below.
func (f *Feedback) Close() error { return f.out.Close() }

// sentences says what is wrong with a row: its errors, each with its column,
// and what decided when that is no error of a cell.
func sentences(row RefusedRow, locale string) string {
	var parts []string
	decided := false
	for _, i := range row.Issues {
		if i.Severity != schemas.SeverityError && i.Code != row.Reason {
			continue
		}
		decided = decided || i.Code == row.Reason
		text := schemas.Sentence(i.Code, locale)
		if i.Column != "" {
			text = i.Column + ": " + text
		}
		parts = append(parts, text)
	}
	if !decided && row.Reason != "" {
		parts = append([]string{schemas.Sentence(row.Reason, locale)}, parts...)
	}
	return strings.Join(parts, " ")
}
