package report_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
	"github.com/bateia/bateia/stages/report"
)

func workbook(t *testing.T, header []string, rows ...report.RefusedRow) *excelize.File {
	t.Helper()
	w, err := report.NewWorkbook(t.TempDir(), 0x1a2258ffff0001, header, "pt-BR")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A spreadsheet shows the cells as they stand, the bad ones coloured and with a note.
func TestWorkbookShowsWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := workbook(t, []string{"nome", "telefone", "bateia_row", "cod"}, report.RefusedRow{
		Row: 7, Status: schemas.OutcomeRejected, Reason: "PHONE_LOCAL_ONLY", Cells: []string{"Ana", "'99990000", "x:1", "'007", "a mais"},
		Issues: []report.Issue{{Code: "PHONE_LOCAL_ONLY", Severity: schemas.SeverityError, Column: "telefone"}},
	})
	rows, err := f.GetRows("Bateia", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	sentence := schemas.Sentence("PHONE_LOCAL_ONLY", "pt-BR")
	want := [][]string{
		{"nome", "telefone", "cod", "bateia_row", "bateia_status", "bateia_prospect_id", "bateia_issues"},
		{"Ana", "'99990000", "007", "1a2258ffff0001:7", "rejected", "", "telefone: " + sentence, "a mais"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	notes, err := f.GetComments("Bateia")
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || notes[0].Cell != "B2" || !strings.Contains(notes[0].Text, sentence) {
		t.Errorf("notes are %+v", notes)
	}
	fill := func(at string) string {
		id, err := f.GetCellStyle("Bateia", at)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		if style.NumFmt != 49 {
			t.Errorf("%s is no text but of format %d", at, style.NumFmt)
		}
		return strings.Join(style.Fill.Color, " ")
	}
	if a, b := fill("A2"), fill("B2"); a != "" || b != "FFC7CE" {
		t.Errorf("colours are %q of a good cell and %q of a bad one", a, b)
	}
}

// What no .xlsx holds is an error, and nothing is cut off.
func TestWorkbookLimits(t *testing.T) {
	t.Parallel()
	w, err := report.NewWorkbook(t.TempDir(), 1, []string{"nome"}, "en")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Add(report.RefusedRow{Row: 1, Cells: []string{strings.Repeat("é", 32_767)}}); err != nil {
		t.Errorf("the longest cell: %v", err)
	}
	if err := w.Add(report.RefusedRow{Row: 2, Cells: []string{strings.Repeat("é", 32_768)}}); !errors.Is(err, spreadsheet.ErrLimit) {
		t.Errorf("a longer one: %v", err)
	}
}

// A header that no .xlsx holds costs the workbook, not the report.
func TestReportWithoutAWorkbook(t *testing.T) {
	t.Parallel()
	wide := make([]string, 1<<14)
	for i := range wide {
		wide[i] = "c"
	}
	for name, header := range map[string][]string{"columns": wide, "name": {strings.Repeat("é", 32_768)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := report.NewWorkbook(t.TempDir(), 1, header, "en"); !errors.Is(err, spreadsheet.ErrLimit) {
				t.Errorf("a workbook: %v", err)
			}
			var keys []string
			put := func(_ context.Context, key, _, _ string) error { keys = append(keys, key); return nil }
			s := report.Summary{ImportID: 1, FileName: "a.csv", Bucket: "b", Header: header, Account: schemas.Account{Slug: "acme"},
				Document: schemas.ImportDocument{State: schemas.Applied, Ledger: schemas.Ledger{Read: 1, Rejected: 1}}}
			row := func(yield func(report.RefusedRow, error) bool) {
				yield(report.RefusedRow{Row: 1, Status: schemas.OutcomeRejected, Reason: "PHONE_LOCAL_ONLY", Cells: []string{"x"}}, nil)
			}
			names, err := report.Writer{Put: put, Dir: t.TempDir()}.Write(t.Context(), s, func(context.Context) iter.Seq2[report.RefusedRow, error] { return row })
			if err != nil || names.Workbook != "" || names.Feedback == "" || len(keys) != 3 {
				t.Errorf("%v, %+v, objects %v", err, names, keys)
			}
		})
	}
}
