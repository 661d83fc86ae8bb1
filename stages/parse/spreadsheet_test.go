package parse

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// book is a workbook that a test makes.
type book struct {
	*excelize.File
	t testing.TB
}

func (b *book) rows(rows ...[]any) {
	for i, row := range rows {
		b.check(b.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
}

func (b *book) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// format gives a cell of the first sheet a number format.
func (b *book) format(cell, code string) {
	style, err := b.NewStyle(&excelize.Style{CustomNumFmt: &code})
	b.check(err)
	b.check(b.SetCellStyle("Sheet1", cell, cell, style))
}

func workbookOf(t testing.TB, fill func(*book), options ...excelize.Options) []byte {
	f := excelize.NewFile()
	b := &book{f, t}
	fill(b)
	out, err := f.WriteToBuffer()
	b.check(err)
	b.check(f.Close())
	return out.Bytes()
}

// rewritten returns a workbook with one of its parts changed.
func rewritten(t *testing.T, data []byte, part string, change func(text string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var list []entry
	changed := false
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == part {
			before := string(text)
			text = []byte(change(before))
			changed = string(text) != before
		}
		list = append(list, entry{name: f.Name, text: string(text)})
	}
	if !changed {
		t.Fatalf("nothing changed in %s", part)
	}
	return zipped(list...)
}

const sheet1 = "xl/worksheets/sheet1.xml"

func TestSheetValues(t *testing.T) {
	t.Parallel()
	const serial = 45306.4375 // 2024-01-15 10:30
	for _, tc := range []struct {
		name   string
		value  any
		format string
		want   string
	}{
		{"text", "São Paulo", "", "São Paulo"},
		{"text with commas, quotes and lines", "a, \"b\"\nc", "", "\"a, \"\"b\"\"\nc\""},
		{"text of digits", "00123", "", "00123"},
		{"integer", 5551987654321, "", "5551987654321"},
		{"integer in scientific notation", 5551987654321, "0.00E+00", "5551987654321"},
		{"negative", -12, "", "-12"},
		{"noise of binary numbers", 0.30000000000000004, "", "0.3"},
		{"very small", 1e-7, "", "0.0000001"},
		{"price", 1234.5, `"R$" #,##0.00`, "1234.5"},
		{"percent", 0.155, "0.0%", "0.155"},
		{"fraction", 0.5, "# ?/?", "0.5"},
		{"code with zeros", 1234567890, `000\.000\.000\-00`, "01234567890"},
		{"postal code", 1310100, "00000-000", "01310100"},
		{"date", serial, "dd/mm/yyyy", "2024-01-15"},
		{"date in words", serial, `[$-416]d" de "mmmm" de "yyyy;@`, "2024-01-15"},
		{"month", serial, "mmm/yy", "2024-01-15"},
		{"date and time", serial, "dd/mm/yyyy hh:mm", "2024-01-15 10:30:00"},
		{"date and midnight", 45306, "dd/mm/yyyy hh:mm", "2024-01-15"},
		{"time", 0.4375, "h:mm AM/PM", "10:30:00"},
		{"time of a day", serial, "hh:mm", "10:30:00"},
		{"more than a day", 1.5, "[h]:mm", "36:00:00"},
		{"first day", 1, "yyyy-mm-dd", "1900-01-01"},
		{"day that never was", 60, "yyyy-mm-dd", "1900-02-29"},
		{"day after it", 61, "yyyy-mm-dd", "1900-03-01"},
		{"last day", 2958465, "yyyy-mm-dd", "9999-12-31"},
		{"no date", -5, "yyyy-mm-dd", "-5"},
		{"beyond all dates", 5551987654321, "dd/mm/yyyy", "5551987654321"},
		{"color, no date", 7, "[Red]0", "7"},
		{"text in a format", 7, `0 "dias"`, "7"},
		{"truth", true, "", "true"},
		{"untruth", false, "", "false"},
		{"time of Go", time.Date(2024, 1, 15, 0, 0, 0, 0, time.UTC), "", "2024-01-15"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := workbookOf(t, func(b *book) {
				b.rows([]any{"nome", "x"}, []any{tc.value, "y"})
				if tc.format != "" {
					b.format("A2", tc.format)
				}
			})
			got, _, err := unpack(t.TempDir(), data, UnpackOptions{Name: "f.xlsx"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("nome,x\r\n"+tc.want+",y\r\n", got); diff != "" {
				t.Errorf("text mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// sheetCase is an oddity of a workbook.
type sheetCase struct {
	name   string
	fill   func(b *book)
	part   string // changed by change
	change func(string) string
	sheet  string
	want   string
	issues []schemas.FileIssue
}

func TestSheets(t *testing.T) {
	t.Parallel()
	people := func(b *book) { b.rows([]any{"nome", "fone"}, []any{"Ana", 51987654321}, []any{"Bia", 51987654322}) }
	const peopleText = "nome,fone\r\nAna,51987654321\r\nBia,51987654322\r\n"
	replacer := func(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }
	for _, tc := range []sheetCase{
		{name: "plain", fill: people, want: peopleText},
		{name: "title above and blank rows", fill: func(b *book) {
			b.check(b.SetCellValue("Sheet1", "A1", "Leads 2024"))
			b.check(b.SetSheetRow("Sheet1", "A3", &[]any{"nome", "fone"}))
			b.check(b.SetSheetRow("Sheet1", "A4", &[]any{"Ana", 1}))
			b.check(b.SetSheetRow("Sheet1", "A6", &[]any{"Bia", 2}))
		}, want: "Leads 2024,\r\n\r\nnome,fone\r\nAna,1\r\n\r\nBia,2\r\n"},
		{name: "cells missing and cells beyond the header", fill: func(b *book) {
			b.rows([]any{"nome", "fone", "cidade"}, []any{"Ana"}, []any{"Bia", 2, "POA", "obs"}, []any{nil, 3})
		}, want: "nome,fone,cidade,\r\nAna,,,\r\nBia,2,POA,obs\r\n,3,,\r\n"},
		{name: "one column", fill: func(b *book) {
			b.rows([]any{"fone"}, []any{"1,5"}, []any{nil}, []any{2})
		}, want: "fone\r\n\"1,5\"\r\n\r\n2\r\n"},
		{name: "rich text", fill: func(b *book) {
			people(b)
			b.check(b.SetCellRichText("Sheet1", "A2", []excelize.RichTextRun{{Text: "Ana "}, {Text: "Maria", Font: &excelize.Font{Bold: true}}}))
		}, want: "nome,fone\r\nAna Maria,51987654321\r\nBia,51987654322\r\n"},
		{name: "how a name is read aloud", fill: people, part: "xl/sharedStrings.xml",
			change: replacer("<t>Ana</t>", `<r><t xml:space="preserve">An</t></r><r><t>a</t></r><rPh sb="0" eb="1"><t>zzz</t></rPh>`), want: peopleText},
		{name: "merged cells", fill: func(b *book) {
			people(b)
			b.check(b.SetSheetRow("Sheet1", "A4", &[]any{"Caio", "lost"}))
			b.check(b.MergeCell("Sheet1", "A4", "B4"))
		}, want: peopleText + "Caio,\r\n"},
		{name: "hidden rows and columns", fill: func(b *book) {
			people(b)
			b.check(b.SetRowVisible("Sheet1", 2, false))
			b.check(b.SetColVisible("Sheet1", "B", false))
		}, want: peopleText},
		{name: "formulas with their last value", fill: people, part: sheet1,
			change: replacer("<v>51987654321</v>", "<f>B3-1</f><v>51987654321</v>"), want: peopleText},
		{name: "formula that gave a text", fill: people, part: sheet1,
			change: replacer(`r="B2"><v>51987654321</v>`, `r="B2" t="str"><f>A1&amp;"x"</f><v>51_x000D_</v>`), want: "nome,fone\r\nAna,\"51\r\"\r\nBia,51987654322\r\n"},
		{name: "formula that was never calculated", fill: people, part: sheet1,
			change: replacer("<v>51987654321</v>", "<f>B3-1</f>"), want: "nome,fone\r\nAna,\r\nBia,51987654322\r\n",
			issues: []schemas.FileIssue{{Code: CodeValueless, Severity: schemas.SeverityWarning, Count: 1, Detail: "B2"}}},
		{name: "errors", fill: people, part: sheet1,
			change: replacer(`r="B2"><v>51987654321`, `r="B2" t="e"><v>#N/A`, `r="B3"><v>51987654322`, `r="B3" t="e"><v>#REF!`), want: "nome,fone\r\nAna,\r\nBia,\r\n",
			issues: []schemas.FileIssue{{Code: CodeValueless, Severity: schemas.SeverityWarning, Count: 2, Detail: "B2, B3"}}},
		{name: "text in the cell itself", fill: people, part: sheet1,
			change: replacer(`r="B2"><v>51987654321</v>`, `r="B2" t="inlineStr"><is><r><t>51 </t></r><r><t>98</t></r></is>`), want: "nome,fone\r\nAna,51 98\r\nBia,51987654322\r\n"},
		{name: "date of ISO 8601", fill: people, part: sheet1,
			change: replacer(`r="B2"><v>51987654321`, `r="B2" t="d"><v>2024-01-15T10:30:00Z`), want: "nome,fone\r\nAna,2024-01-15 10:30:00\r\nBia,51987654322\r\n"},
		{name: "integer written with an exponent", fill: people, part: sheet1,
			change: replacer("51987654321<", "5.1987654321E10<"), want: peopleText},
		{name: "more digits than a spreadsheet counts", fill: people, part: sheet1,
			change: replacer("51987654321<", "35240112345678901234567890123456789012345678<"), want: "nome,fone\r\nAna,35240112345678901234567890123456789012345678\r\nBia,51987654322\r\n"},
		{name: "cells and rows without a place", fill: people, part: sheet1,
			change: replacer(` r="A1"`, "", ` r="B1"`, "", ` r="A2"`, "", ` r="B2"`, "", `<row r="1"`, "<row", `<row r="2"`, "<row"), want: peopleText},
		{name: "dates from 1904", fill: func(b *book) {
			b.rows([]any{"nome", "data"}, []any{"Ana", 43844})
			b.format("B2", "dd/mm/yyyy")
			on := true
			b.check(b.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}))
		}, want: "nome,data\r\nAna,2024-01-15\r\n"},
		{name: "cover page before the table", fill: func(b *book) {
			b.check(b.SetCellValue("Sheet1", "B2", "Relatório de leads"))
			b.check(b.SetCellValue("Sheet1", "B4", "Feito em 2024"))
			for _, name := range []string{"Leads", "Mais"} {
				_, err := b.NewSheet(name)
				b.check(err)
				b.check(b.SetSheetRow(name, "A1", &[]any{"nome", "fone"}))
				b.check(b.SetSheetRow(name, "A2", &[]any{name, 1}))
			}
		}, want: "nome,fone\r\nLeads,1\r\n",
			issues: []schemas.FileIssue{{Code: CodeSheetsLeft, Severity: schemas.SeverityWarning, Count: 1, Names: []string{"Mais"}, Detail: "Leads"}}},
		{name: "hidden sheet before the table", fill: func(b *book) {
			people(b)
			_, err := b.NewSheet("Listas")
			b.check(err)
			b.check(b.SetSheetRow("Listas", "A1", &[]any{"Sim"}))
			b.check(b.MoveSheet("Listas", "Sheet1"))
			b.check(b.SetSheetVisible("Listas", false))
		}, want: peopleText},
		{name: "sheet asked for", sheet: "mais ", fill: func(b *book) {
			people(b)
			_, err := b.NewSheet("Mais")
			b.check(err)
			b.check(b.SetSheetRow("Mais", "A1", &[]any{"x"}))
		}, want: "x\r\n"},
		{name: "backslashes and capitals in part names", fill: people, want: peopleText},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := workbookOf(t, tc.fill)
			if tc.part != "" {
				data = rewritten(t, data, tc.part, tc.change)
			}
			dir := t.TempDir()
			got, u, err := unpack(dir, data, UnpackOptions{Name: "f.xlsx", Sheet: tc.sheet})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("text mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.issues, u.Issues); diff != "" {
				t.Errorf("issues mismatch (-want +got):\n%s", diff)
			}
			checkEmpty(t, dir)
		})
	}
}

func TestWorkbookRefusals(t *testing.T) {
	t.Parallel()
	people := workbookOf(t, func(b *book) { b.rows([]any{"nome", "fone"}, []any{"Ana", 1}) })
	locked := func() []byte {
		var out bytes.Buffer
		f := excelize.NewFile()
		if err := f.Write(&out, excelize.Options{Password: "senha"}); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}()
	change := func(part, from, to string) []byte {
		return rewritten(t, people, part, func(s string) string { return strings.Replace(s, from, to, 1) })
	}
	for _, tc := range []struct {
		name, file   string
		data         []byte
		code, detail string
		sheet        string
	}{
		{"named as CSV", "leads.csv", people, CodeNotCSV, "workbook", ""},
		{"named as CSV and packed", "leads.csv.gz", gzipped(string(people)), CodeNotCSV, "workbook", ""},
		{"named as CSV and cut off", "leads.csv", people[:len(people)-40], CodeNotCSV, "workbook", ""},
		{"cut off", "leads.xlsx", people[:len(people)-40], CodeTruncated, "", ""},
		{"with a password", "leads.xlsx", locked, CodeNotCSV, "protected_document", ""},
		{"unknown sheet", "leads.xlsx", people, CodeSheetUnknown, "Leads", "Leads"},
		{"sheet that ends in its middle", "leads.xlsx", change(sheet1, `</sheetData>`, ``), CodeTruncated, "", ""},
		{"sheet cut off", "leads.xlsx", rewritten(t, people, sheet1, func(s string) string { return s[:strings.Index(s, `<c r="B2"`)] }), CodeTruncated, "", ""},
		{"text that is not there", "leads.xlsx", change(sheet1, `t="s"><v>0<`, `t="s"><v>99<`), CodeNotCSV, "damaged_workbook", ""},
		{"rows that go back", "leads.xlsx", change(sheet1, `<row r="2"`, `<row r="1"`), CodeNotCSV, "damaged_workbook", ""},
		{"row beyond the last one", "leads.xlsx", change(sheet1, `<row r="2"`, `<row r="2000000"`), CodeNotCSV, "damaged_workbook", ""},
		{"column beyond the last one", "leads.xlsx", change(sheet1, `r="B2"`, `r="ZZZZ2"`), CodeNotCSV, "damaged_workbook", ""},
		{"very long tag", "leads.xlsx", change(sheet1, `<row r="2"`, `<row x="`+strings.Repeat("x", 5<<20)+`" r="2"`), CodeBomb, "XML > 4 MiB", ""},
		{"very deep", "leads.xlsx", change(sheet1, `<sheetData>`, strings.Repeat("<a>", 1<<10)+`<sheetData>`), CodeNotCSV, "damaged_workbook", ""},
		{"no cells", "leads.xlsx", workbookOf(t, func(*book) {}), CodeEmpty, "", ""},
		{"bomb", "leads.xlsx", change(sheet1, `<sheetData>`, `<sheetData>`+strings.Repeat(" ", 40<<20)), CodeBomb, "", ""},
		{"OpenDocument", "leads.ods", zipped(entry{"mimetype", "application/vnd.oasis.opendocument.spreadsheet", nil}, entry{name: "content.xml", text: "<x/>"}), CodeNotCSV, "ods", ""},
		{"Numbers", "leads.numbers", zipped(entry{name: "Index/Document.iwa", text: "x"}), CodeNotCSV, "numbers", ""},
		{"Word", "leads.docx", zipped(entry{name: "[Content_Types].xml", text: "<x/>"}, entry{name: "word/document.xml", text: "<x/>"}), CodeNotCSV, "word", ""},
		{"binary workbook", "leads.xlsb", zipped(entry{name: "[Content_Types].xml", text: "<x/>"}, entry{name: "xl/workbook.bin", text: "x"}), CodeNotCSV, "xlsb", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text, _, err := unpack(dir, tc.data, UnpackOptions{Name: tc.file, Sheet: tc.sheet})
			issue, _ := Refusal(err)
			if issue.Code != tc.code || tc.detail != "" && issue.Detail != tc.detail {
				t.Errorf("text %.60q, error %v, issue %+v, want %s %q", text, err, issue, tc.code, tc.detail)
			}
			if tc.code == CodeSheetUnknown && cmp.Diff([]string{"Sheet1"}, issue.Names) != "" {
				t.Errorf("names %q", issue.Names)
			}
			if words := schemas.Sentence(issue.Code, "en", issue.Args()); tc.code == CodeNotCSV && strings.Contains(words, tc.detail+".") && tc.detail != "workbook" {
				t.Errorf("nothing says what %q is: %s", tc.detail, words)
			}
			checkEmpty(t, dir)
		})
	}
}

// FuzzSheet puts arbitrary XML in the place of a sheet, the shared texts and the
// styles of a workbook whose checksums are right: it ends in text or in a
// refusal, and never in a shorter sheet than the XML has rows.
func FuzzSheet(f *testing.F) {
	people := workbookOf(f, func(b *book) {
		b.rows([]any{"nome", "data"}, []any{"Ana", 45306})
		b.format("B2", "dd/mm/yyyy")
	})
	z, err := zip.NewReader(bytes.NewReader(people), int64(len(people)))
	if err != nil {
		f.Fatal(err)
	}
	var parts []entry
	changed := []string{sheet1, "xl/sharedStrings.xml", "xl/styles.xml"}
	seeds := make([]string, len(changed))
	for _, part := range z.File {
		r, err := part.Open()
		must(0, err)
		text, err := io.ReadAll(r)
		must(0, err)
		if i := slices.Index(changed, part.Name); i >= 0 {
			seeds[i] = string(text)
		} else {
			parts = append(parts, entry{name: part.Name, text: string(text)})
		}
	}
	f.Add(seeds[0], seeds[1], seeds[2])
	f.Add(`<worksheet><sheetData><row><c t="inlineStr"><is><t>a&amp;_x000A_</t></is></c><c r="D1" t="e"><v>#N/A</v></c></row></sheetData></worksheet>`, "", "")
	f.Add(`<worksheet><sheetData/></worksheet>`, `<sst><si><r><t>x</t></r><rPh/></si></sst>`, seeds[2])
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		data := zipped(append(slices.Clone(parts), entry{name: changed[0], text: sheet}, entry{name: changed[1], text: texts}, entry{name: changed[2], text: styles})...)
		text, _, err := unpack(dir, data, UnpackOptions{MaxBytes: 1 << 20})
		if err != nil && pipeline.KindOf(err) != pipeline.KindRejected {
			t.Errorf("error %v is no refusal", err)
		}
		if err == nil && !strings.Contains(sheet, "sheetData") {
			t.Errorf("text %q of no sheet", text)
		}
		checkEmpty(t, dir)
	})
}
