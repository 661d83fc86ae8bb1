package report

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/spreadsheet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/name.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s mismatch (-want +got):\n%s", name, diff)
	}
}

// summary is an import of a list from a fair, applied, with a little of
// everything. Its state's time is 2026-03-04 09:05:06.789 in São Paulo.
func summary(locale string) Summary {
	object := "s3://bateia/uploads/acme/feira/2026/Leads da feira.csv"
	at := time.Date(2026, 3, 4, 12, 5, 6, 789e6, time.UTC)
	seconds := 1.5
	return Summary{
		ImportID: 0x0193c0ffee1234,
		Account:  schemas.Account{ID: 7, Slug: "acme", Country: "BR", Locale: locale, Timezone: "America/Sao_Paulo"},
		FileName: "Leads da feira.csv", Bucket: "bateia", At: at,
		Header: []string{"nome", "telefone", "e-mail", "Cor favorita", ""},
		Issues: []schemas.FileIssue{
			{Code: "COLUMNS_NOT_IMPORTED", Severity: schemas.SeverityWarning, Count: 2, Names: []string{"Cor favorita"}},
			{Code: "PHONE_COUNTRY_ASSUMED", Severity: schemas.SeverityWarning, Count: 1190, Detail: "BR"},
			{Code: "DUPLICATE_IN_FILE", Severity: schemas.SeverityWarning, Count: 40},
		},
		Document: schemas.ImportDocument{
			ImportID: "0193c0ffee1234", Account: "acme", List: "feira/2026", RequestedBy: "drop", Object: &object,
			Source: schemas.Source{Kind: "upload", Name: "feira/2026"},
			State:  schemas.Applied, CreatedAt: at.Add(-2 * time.Second), FinishedAt: &at, Seconds: &seconds,
			Ledger:    schemas.Ledger{Read: 1240, Created: 900, Updated: 196, Unchanged: 50, Duplicate: 40, Rejected: 50, Skipped: 3, Conflict: 1, Blank: 12},
			Prospects: schemas.ProspectCounts{Created: 900, Updated: 196, Merged: 3},
			Issues: schemas.DocumentIssues{Errors: 51, Warnings: 1246, ByCode: []schemas.CodeCount{
				{Code: "PHONE_TOO_SHORT", Severity: schemas.SeverityError, Rows: 49},
				{Code: "EMAIL_INVALID", Severity: schemas.SeverityWarning, Rows: 12},
				{Code: "PHONE_COUNTRY_ASSUMED", Severity: schemas.SeverityWarning, Rows: 1190},
				{Code: "EXISTS", Severity: schemas.SeverityWarning, Rows: 3},
			}},
			Columns: []schemas.Column{
				{Position: 0, Name: "nome", Field: "name", Imported: true}, {Position: 1, Name: "telefone", Field: "phone", Imported: true},
				{Position: 2, Name: "e-mail", Field: "email", Imported: true}, {Position: 3, Name: "Cor favorita"}, {Position: 4, Name: ""},
			},
			Dialect: &schemas.Dialect{Encoding: "windows-1252", Delimiter: ";", Quote: `"`, HeaderLine: 1},
		},
	}
}

// refusals are the 54 rows of summary that became no lead.
func refusals(context.Context) iter.Seq2[RefusedRow, error] {
	short := Issue{Code: "PHONE_TOO_SHORT", Severity: schemas.SeverityError, Column: "telefone"}
	var rows []RefusedRow
	for i := range int64(49) {
		rows = append(rows, RefusedRow{Row: 3 + 7*i, SheetRow: 4 + 7*i, Status: schemas.OutcomeRejected, Reason: "PHONE_TOO_SHORT",
			Cells: []string{"Ana", "51-9999", "", "azul", ""}, Issues: []Issue{short, {Code: "EMAIL_SUSPECT_DOMAIN", Severity: schemas.SeverityWarning, Column: "e-mail"}}})
	}
	rows = append(rows,
		RefusedRow{Row: 1000, SheetRow: 1002, Status: schemas.OutcomeRejected, Reason: "ROW_TOO_MANY_CELLS",
			Cells: []string{"Silva; \"Zé\"", "=5+5", " ana@example.com", "1e5", "", "sobra", "5551999999999"}},
		RefusedRow{Row: 1001, SheetRow: 1003, Status: schemas.OutcomeConflict, Reason: "TARGET_CHANGED", ProspectID: "ba0193c0ffee00010000000a",
			Cells: []string{"duas\r\nlinhas", "011", "x@example.com"}})
	for i := range int64(3) {
		rows = append(rows, RefusedRow{Row: 1100 + i, SheetRow: 1102 + i, Status: schemas.OutcomeSkipped, Reason: "EXISTS", ProspectID: "ba0193c0ffee00010000000b"})
	}
	return each(rows, nil)
}

func TestTexts(t *testing.T) {
	t.Parallel()
	code := func(s *Summary, state schemas.State, code string) {
		s.Document.State, s.Document.Code = state, &code
		s.Document.Ledger, s.Document.Prospects = schemas.Ledger{}, schemas.ProspectCounts{}
		s.Issues, s.Document.Issues, s.Document.Columns = nil, schemas.DocumentIssues{}, nil
	}
	for _, tt := range []struct {
		name    string
		change  func(s *Summary)
		refused Refused
	}{
		{name: "applied", change: func(*Summary) {}, refused: refusals},
		{name: "clean", change: func(s *Summary) {
			s.Document.Ledger = schemas.Ledger{Read: 1, Created: 1}
			s.Document.Prospects = schemas.ProspectCounts{Created: 1}
			s.Issues, s.Document.Issues, s.Document.Columns, s.Document.List = nil, schemas.DocumentIssues{}, nil, ""
		}},
		{name: "held", change: func(s *Summary) {
			c := "TOO_MANY_ERRORS"
			s.Document.State, s.Document.Held, s.Document.Code = schemas.Ready, true, &c
			s.Document.Ledger = schemas.Ledger{Read: 80, Created: 26, Rejected: 50, Skipped: 3, Conflict: 1}
			s.Document.Prospects = schemas.ProspectCounts{Created: 26}
		}, refused: refusals},
		{name: "rejected", change: func(s *Summary) {
			code(s, schemas.Rejected, "FILE_HEADER_DUPLICATE")
			s.Issues = []schemas.FileIssue{{Code: "FILE_HEADER_DUPLICATE", Severity: schemas.SeverityError, Names: []string{"telefone"}}}
		}},
		{name: "failed", change: func(s *Summary) { code(s, schemas.Failed, "POISONED") }},
		{name: "canceled", change: func(s *Summary) { code(s, schemas.Canceled, ""); s.Document.Code = nil }},
	} {
		for _, locale := range schemas.Locales {
			t.Run(tt.name+" "+locale, func(t *testing.T) {
				t.Parallel()
				s := summary(locale)
				tt.change(&s)
				dir := folder{}
				names, err := Writer{Put: dir.put, Dir: t.TempDir()}.Write(t.Context(), s, tt.refused)
				if err != nil {
					t.Fatal(err)
				}
				text := dir[names.Text]
				golden(t, tt.name+"."+locale+".txt", text)
				for i, line := range strings.Split(text, "\n") {
					if utf8.RuneCountInString(line) > textWidth || strings.TrimRight(line, " ") != line {
						t.Errorf("line %d is too long or ends in blanks: %q", i+1, line)
					}
				}
				if strings.Contains(text, "{") || strings.Contains(text, "undo") {
					t.Error("the text has an open placeholder, or names a command that does not exist")
				}
			})
		}
	}
}

// folder is a bucket in memory.
type folder map[string]string

func (f folder) put(_ context.Context, key, path, contentType string) error {
	text, err := os.ReadFile(path)
	if err != nil || contentType == "" {
		return errors.New("no file or no content type")
	}
	f[key] = string(text)
	return nil
}

func TestWriteAgainReplacesItself(t *testing.T) {
	t.Parallel()
	dir, scratch := folder{}, t.TempDir()
	w := Writer{Put: dir.put, Dir: scratch}
	first, err := w.Write(t.Context(), summary("pt-BR"), refusals)
	if err != nil {
		t.Fatal(err)
	}
	base := "results/acme/feira/2026/Leads da feira.csv/2026-03-04_09-05-06.789-applied"
	want := Names{Text: base + ".txt", JSON: base + ".json", Feedback: base + "-corrigir.csv", Workbook: base + "-corrigir.xlsx"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("names mismatch (-want +got):\n%s", diff)
	}
	before := map[string]string{}
	for k, v := range dir {
		before[k] = v
	}
	if _, err := w.Write(t.Context(), summary("pt-BR"), refusals); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, map[string]string(dir)); diff != "" || len(dir) != 4 {
		t.Errorf("a second report left other objects (-first +second):\n%s", diff)
	}
	left, err := os.ReadDir(scratch)
	if err != nil || len(left) != 0 {
		t.Errorf("%d files left on scratch, %v", len(left), err)
	}
	var d schemas.ImportDocument
	if err := json.Unmarshal([]byte(dir[want.JSON]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Objects.Result == nil || *d.Objects.Result != "s3://bateia/"+want.Text || *d.Objects.Feedback != "s3://bateia/"+want.Feedback {
		t.Errorf("objects of the document: %+v", d.Objects)
	}
}

func TestFeedbackIsTheInputAndWhy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		locale string
		comma  rune
	}{{"pt-BR", ';'}, {"es", ';'}, {"en", ','}} {
		t.Run(tt.locale, func(t *testing.T) {
			t.Parallel()
			dir := folder{}
			names, err := Writer{Put: dir.put, Dir: t.TempDir()}.Write(t.Context(), summary(tt.locale), refusals)
			if err != nil {
				t.Fatal(err)
			}
			text := dir[names.Feedback]
			rest, bom := strings.CutPrefix(text, "\ufeff")
			if !bom || !strings.HasSuffix(text, "\r\n") {
				t.Error("no BOM at the start or no CRLF at the end")
			}
			r := csv.NewReader(strings.NewReader(rest))
			r.Comma, r.FieldsPerRecord = tt.comma, -1
			records, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			wantHeader := []string{"nome", "telefone", "e-mail", "Cor favorita", "", ColumnRow, ColumnStatus, ColumnProspectID, ColumnIssues}
			if diff := cmp.Diff(wantHeader, records[0]); diff != "" {
				t.Errorf("header mismatch (-want +got):\n%s", diff)
			}
			var n int
			for row := range refusals(t.Context()) {
				if row.Status == schemas.OutcomeSkipped {
					continue
				}
				n++
				got := records[n]
				back := make([]string, len(got))
				for i := range got {
					back[i] = spreadsheet.Unguard(got[i])
				}
				// The cells of the file are those around the four columns.
				cells := slices.Concat(back[:5], back[9:])
				want := make([]string, max(5, len(row.Cells)))
				for i, c := range row.Cells {
					want[i] = strings.ReplaceAll(c, "\r\n", "\n") // csv.Reader does that inside quotes
				}
				if diff := cmp.Diff(want, cells); diff != "" {
					t.Errorf("cells of row %d mismatch (-want +got):\n%s", row.Row, diff)
				}
				if back[5] != schemas.LeadID(0x0193c0ffee1234, row.Row) || back[6] != string(row.Status) || back[7] != row.ProspectID {
					t.Errorf("row %d: %q", row.Row, back[5:8])
				}
				if !strings.Contains(back[8], schemas.Sentence(row.Reason, tt.locale)) || strings.Contains(back[8], schemas.Sentence("EMAIL_SUSPECT_DOMAIN", tt.locale)) {
					t.Errorf("row %d says %q, want the reason and no warning", row.Row, back[8])
				}
			}
			if len(records) != n+1 {
				t.Errorf("%d records, want %d", len(records), n+1)
			}
			lines := strings.SplitAfter(text, "\r\n")
			golden(t, "feedback."+tt.locale+".csv", strings.Join(append(lines[:2], lines[50:]...), ""))
		})
	}
}

func TestNamesAreSafe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why              string
		slug, list, name string
		want             string
	}{
		{"no list", "acme", "", "x.csv", "results/acme/x.csv/"},
		{"unknown account", "_unassigned", "", "x.csv", "results/_unassigned/x.csv/"},
		{"a way out of the folder", "acme", "../../etc", "..", "results/acme/_/_/etc/_/"},
		{"separators and control characters", "acme", "a//b", "a/b\\c\n.csv", "results/acme/a/b/a_b_c_.csv/"},
		{"no name", "acme", "", "", "results/acme/_/"},
		{"longer than a file system takes", "acme", "", strings.Repeat("é", 150) + ".csv", "results/acme/" + strings.Repeat("é", 98) + ".csv/"},
	} {
		s := Summary{Account: schemas.Account{Slug: tt.slug, Timezone: "UTC"}, FileName: tt.name}
		s.Document.List, s.Document.State = tt.list, schemas.Applied
		got := NamesOf(s).Text
		if want := tt.want + "0001-01-01_00-00-00.000-applied.txt"; got != want {
			t.Errorf("%s: %q, want %q", tt.why, got, want)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	ready := summary("en")
	ready.Document.State = schemas.Ready // about to be applied, not held
	for _, tt := range []struct {
		name    string
		s       Summary
		refused Refused
		put     error
	}{
		{"a state that is neither terminal nor held", ready, refusals, nil},
		{"rows that break off", summary("en"), func(context.Context) iter.Seq2[RefusedRow, error] { return each[RefusedRow](nil, broken) }, nil},
		{"a store that does not take it", summary("en"), refusals, broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, scratch := folder{}, t.TempDir()
			put := func(ctx context.Context, key, path, contentType string) error {
				return errors.Join(tt.put, dir.put(ctx, key, path, contentType))
			}
			if tt.put == nil {
				put = dir.put
			}
			_, err := Writer{Put: put, Dir: scratch}.Write(t.Context(), tt.s, tt.refused)
			if err == nil {
				t.Error("no error")
			}
			for key := range dir {
				if strings.HasSuffix(key, ".txt") {
					t.Errorf("%s was written for a report that is not whole", key)
				}
			}
			if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
				t.Errorf("%d files left on scratch, %v", len(left), err)
			}
		})
	}
}

func TestCausesAreThoseOfTheReport(t *testing.T) {
	t.Parallel()
	got, err := Causes(refusals(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	want := []Cause{
		{Outcome: "rejected", Code: "PHONE_TOO_SHORT", Rows: 49, SheetRows: []int64{4, 11, 18, 25, 32, 39, 46, 53, 60, 67}, Columns: []string{"telefone"}},
		{Outcome: "skipped", Code: "EXISTS", Rows: 3, SheetRows: []int64{1102, 1103, 1104}},
		{Outcome: "rejected", Code: "ROW_TOO_MANY_CELLS", Rows: 1, SheetRows: []int64{1002}},
		{Outcome: "conflict", Code: "TARGET_CHANGED", Rows: 1, SheetRows: []int64{1003}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("causes mismatch (-want +got):\n%s", diff)
	}
	broken := errors.New("broken")
	if _, err := Causes(each[RefusedRow](nil, broken)); !errors.Is(err, broken) {
		t.Errorf("error of the rows: %v", err)
	}
}
