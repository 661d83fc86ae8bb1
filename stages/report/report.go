package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

// Summary is everything a report says about one import.
type Summary struct {
	// Document is the import; Write sets its message, remedy, result and feedback.
	Document schemas.ImportDocument
	ImportID schemas.ImportID
	Account  schemas.Account
	FileName string
	Folder   string // below results/<account>, default the list
	Bucket   string // that the report is put in, for the URLs in the document
	// At is when the import came into its state. It names the files, so it must
	// be the same whenever the report is written again.
	At     time.Time
	Header []string            // the file's columns in order; Document.Columns when empty
	Issues []schemas.FileIssue // on the file as a whole
	Causes []Cause             // set by Write from the refused rows
	book   string              // key of the rows to correct as a workbook, "" without
}

// Cause is one reason for which rows became no lead. The rows of all causes of
// an outcome add up to that outcome in the ledger.
type Cause struct {
	Outcome   schemas.Outcome
	Code      string
	Rows      int64
	SheetRows []int64  // the first ones, at most sheetRows
	Columns   []string // the columns it was found in, at most causeColumns
}

const (
	sheetRows    = 10
	causeColumns = 5
)

// Refused streams the rows of an import that became no lead, or would become
// none, in file order. It is called once per report. The sequence ends after its
// first error.
type Refused func(ctx context.Context) iter.Seq2[RefusedRow, error]

// Writer writes reports.
type Writer struct {
	// Put writes the local file at path to a key of the bucket, overwriting. It
	// is called up to three times per report, one after the other, the text last:
	// whoever finds the text finds everything.
	Put func(ctx context.Context, key, path, contentType string) error
	// Dir is a folder on local scratch; what is written there is removed again.
	Dir string
}

// Write writes the report of an import in a terminal state or held at ready, and
// returns where it lies; Feedback is "" when there is no row to correct, and Workbook
// also when one cannot hold them. Writing it again replaces the same objects. refused may be nil for states without rows.
func (w Writer) Write(ctx context.Context, s Summary, refused Refused) (names Names, err error) {
	ok, rows := reports(s.Document)
	if !ok {
		return Names{}, fmt.Errorf("report import %s: state %q has none", s.ImportID, s.Document.State)
	}
	dir, err := os.MkdirTemp(w.Dir, "report-")
	if err != nil {
		return Names{}, fmt.Errorf("report import %s: %w", s.ImportID, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	names = NamesOf(s)
	feedback, book := path.Join(dir, "feedback.csv"), path.Join(dir, "feedback.xlsx")
	var found collected
	if rows && refused != nil {
		if found, err = collect(feedback, book, s, refused(ctx)); err != nil {
			return Names{}, fmt.Errorf("report import %s: %w", s.ImportID, err)
		}
		s.Causes = found.causes
	}
	if found.rows == 0 {
		names.Feedback = ""
	}
	if !found.workbook {
		names.Workbook = ""
	}
	s = complete(s, names)
	document, err := json.MarshalIndent(s.Document, "", "  ")
	if err != nil {
		return Names{}, fmt.Errorf("report import %s: %w", s.ImportID, err)
	}
	for _, f := range []struct {
		key, path, contentType string
		body                   []byte // written to path first, nil when it is there
	}{
		{names.Feedback, feedback, "text/csv; charset=utf-8", nil},
		{names.Workbook, book, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", nil},
		{names.JSON, path.Join(dir, "result.json"), "application/json", append(document, '\n')},
		{names.Text, path.Join(dir, "result.txt"), "text/plain; charset=utf-8", []byte(Text(s))},
	} {
		if f.key == "" {
			continue
		}
		if f.body != nil {
			if err := os.WriteFile(f.path, f.body, 0o600); err != nil {
				return Names{}, fmt.Errorf("report import %s: %w", s.ImportID, err)
			}
		}
		if err := w.Put(ctx, f.key, f.path, f.contentType); err != nil {
			return Names{}, fmt.Errorf("put report of import %s: %w", s.ImportID, err)
		}
	}
	return names, nil
}

// complete fills what the document says of the report itself, and the figures of
// the sentence about too many refusals, which nobody else counts.
func complete(s Summary, names Names) Summary {
	d := &s.Document
	if code := d.Code; code != nil && *code == "TOO_MANY_ERRORS" && d.Ledger.Read > 0 &&
		!slices.ContainsFunc(s.Issues, func(f schemas.FileIssue) bool { return f.Code == *code }) {
		share := speak(s.Account.Locale).say("share", "n", 100*d.Ledger.Rejected/d.Ledger.Read)
		s.Issues = append(slices.Clone(s.Issues), schemas.FileIssue{Code: *code, Severity: schemas.SeverityWarning,
			Count: d.Ledger.Rejected, Detail: share})
	}
	d.Explain(s.Account.Locale, s.Issues)
	d.Objects.Result = s.url(names.Text)
	d.Objects.Feedback = s.url(names.Feedback)
	s.book = names.Workbook
	return s
}

func (s Summary) url(key string) *string {
	if key == "" {
		return nil
	}
	u := schemas.ObjectPin{Bucket: s.Bucket, Key: key}.URL()
	return &u
}

// collected is what one walk over the refused rows makes.
type collected struct {
	causes   []Cause
	rows     int64 // that can be corrected
	workbook bool  // they are written as one, too
}

// collect goes through the refused rows once: it writes those that can be corrected
// to two files, CSV and workbook, and adds up the causes of all.
func collect(file, book string, s Summary, rows iter.Seq2[RefusedRow, error]) (c collected, err error) {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	locale := s.Account.Locale
	feedback, err := NewFeedback(out, s.ImportID, header(s), locale, Delimiter(locale))
	if err != nil {
		return c, err
	}
	workbook, err := NewWorkbook(filepath.Dir(book), s.ImportID, header(s), locale)
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, workbook.Close()) }()
		c.workbook = true
	case !errors.Is(err, spreadsheet.ErrLimit):
		return c, err
	}
	var tally tally
	for row, err := range rows {
		if err != nil {
			return c, err
		}
		tally.add(row)
		if row.Status == schemas.OutcomeSkipped { // policy, not a mistake: nothing to correct
			continue
		}
		c.rows++
		if err := feedback.Add(row); err != nil {
			return c, err
		}
		if c.workbook = c.workbook && c.rows <= workbookRows; c.workbook {
			err := workbook.Add(row)
			if c.workbook = !errors.Is(err, spreadsheet.ErrLimit); c.workbook && err != nil {
				return c, err
			}
		}
	}
	c.causes, c.workbook = tally.causes(), c.workbook && c.rows > 0
	if c.workbook {
		if err := workbook.writeFile(book); err != nil {
			return c, err
		}
	}
	return c, feedback.Close()
}

// tally adds up causes.
type tally struct{ list []Cause }

func (t *tally) add(row RefusedRow) {
	i := slices.IndexFunc(t.list, func(c Cause) bool { return c.Outcome == row.Status && c.Code == row.Reason })
	if i < 0 {
		i = len(t.list)
		t.list = append(t.list, Cause{Outcome: row.Status, Code: row.Reason})
	}
	c := &t.list[i]
	c.Rows++
	if row.SheetRow > 0 && len(c.SheetRows) < sheetRows {
		c.SheetRows = append(c.SheetRows, row.SheetRow)
	}
	for _, issue := range row.Issues {
		if issue.Code == row.Reason && issue.Column != "" && len(c.Columns) < causeColumns && !slices.Contains(c.Columns, issue.Column) {
			c.Columns = append(c.Columns, issue.Column)
		}
	}
}

// causes returns the causes, the largest first.
func (t *tally) causes() []Cause {
	slices.SortStableFunc(t.list, func(a, b Cause) int {
		switch {
		case a.Rows != b.Rows && a.Rows > b.Rows:
			return -1
		case a.Rows != b.Rows:
			return 1
		case a.Code < b.Code:
			return -1
		}
		return 0
	})
	return t.list
}
