package validate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// issueLine is an issue as "row column code severity value".
func issueLine(i map[string]string) string {
	return strings.Join([]string{i["row"], i["column"], i["field"], i["code"], i["severity"], i["value"], i["shape"]}, "|")
}

func issueLines(issues []map[string]string) []string {
	out := []string{}
	for _, i := range issues {
		out = append(out, issueLine(i))
	}
	return out
}

func TestStageWritesRowsIdentitiesAndIssues(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "telefone;e-mail;nome;Nascimento;CEP;UF;Cor favorita", []string{
		"(51) 98765-4321;Ana@Exemplo.com.br;Ana  Silva;05/03/1990;1310100;são paulo;azul",
		"51-9999;;Bia;31/02/1990;90010-000;RS;",
		"51 98765-0002;nada;Caio;;;;",
		";;Davi;;;;verde",
		"!ROW_TOO_FEW_CELLS",
		"5198765-0003;eva@@exemplo;Eva;32/13/1999;;;",
	})
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	rows := texts(t, w, "select * from rows order by row")
	want := map[string]string{
		"row": "1", "line": "2", "sheet_row": "2", "byte_offset": "0", "byte_length": "81", "status": "", "name_key": "ana silva",
		"f_phone": "+5551987654321", "f_email": "ana@exemplo.com.br", "f_name": "Ana Silva", "f_birthday": "1990-03-05",
		"f_postal_code": "01310100", "f_state": "SP", "extra": `{"cor_favorita":"azul"}`,
	}
	if rows[0]["statement"] == "0" {
		t.Error("the first row has no statement")
	}
	delete(rows[0], "statement")
	if diff := cmp.Diff(want, rows[0]); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
	var status []string
	for _, r := range rows {
		status = append(status, r["row"]+" "+r["status"]+" "+r["reason"])
	}
	if diff := cmp.Diff([]string{
		"1  ", "2 rejected PHONE_TOO_SHORT", "3  ", "4 rejected IDENTIFIER_MISSING", "5 rejected ROW_TOO_FEW_CELLS", "6  ",
	}, status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"2|telefone|phone|PHONE_TOO_SHORT|error|51-9999|99-9999",
		"2|Nascimento|birthday|DATE_INVALID|error|31/02/1990|99/99/9999",
		"4|||IDENTIFIER_MISSING|error||",
		"5|||ROW_TOO_FEW_CELLS|error||",
		"6|e-mail|email|EMAIL_INVALID|warning|eva@@exemplo|aaa@@aaaaaaa",
		"6|Nascimento|birthday|DATE_INVALID|warning|32/13/1999|99/99/9999",
	}, issueLines(texts(t, w, "select * from issues order by row, \"column\" desc"))); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	var ids []string
	for _, i := range texts(t, w, "select * from identities order by row, seq") {
		ids = append(ids, i["row"]+" "+i["seq"]+" "+i["kind"]+" "+i["value"]+" "+i["joins"])
	}
	if diff := cmp.Diff([]string{
		"1 0 1 +5551987654321 true", "1 1 2 ana@exemplo.com.br true", "3 0 1 +5551987650002 true", "6 0 1 +5551987650003 true",
	}, ids); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"phone", "email", "name", "birthday", "state", "postal_code"}, run.Facts.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if !run.Facts.HasExtra {
		t.Error("HasExtra = false")
	}
	if diff := cmp.Diff([]schemas.FileIssue{
		{Code: "PHONE_COUNTRY_ASSUMED", Severity: schemas.SeverityWarning, Count: 3, Detail: "BR"},
	}, run.Facts.Issues); diff != "" {
		t.Errorf("file issues (-want +got):\n%s", diff)
	}
	distinct := func(n int64) *int64 { return &n }
	wantColumns := []schemas.Column{
		{Position: 0, Name: "telefone", Field: "phone", Type: "identity", Confidence: 0.99, Reason: "header", Filled: 4, Valid: 3, Imported: true, Distinct: distinct(3)},
		{Position: 1, Name: "e-mail", Field: "email", Type: "identity", Confidence: 0.99, Reason: "header", Filled: 2, Valid: 1, Imported: true, Distinct: distinct(1)},
		{Position: 2, Name: "nome", Field: "name", Type: "text", Confidence: 0.99, Reason: "header", Filled: 5, Valid: 5, Imported: true, Distinct: distinct(3)},
		{Position: 3, Name: "Nascimento", Field: "birthday", Type: "date dd/mm/yyyy", Confidence: 0.99, Reason: "header", Filled: 3, Valid: 1, Imported: true, Distinct: distinct(1)},
		{Position: 4, Name: "CEP", Field: "postal_code", Type: "postal_code", Confidence: 0.99, Reason: "header", Filled: 2, Valid: 2, Imported: true, Distinct: distinct(1)},
		{Position: 5, Name: "UF", Field: "state", Type: "state", Confidence: 0.99, Reason: "header", Filled: 2, Valid: 2, Imported: true, Distinct: distinct(1)},
		{Position: 6, Name: "Cor favorita", Field: "extra.cor_favorita", Type: "text", Confidence: 1, Reason: "extra", Filled: 2, Valid: 2, Imported: true},
	}
	if diff := cmp.Diff(wantColumns, run.Facts.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

// manyLines returns rows that differ, every tenth without an identifier.
func manyLines(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		phone := fmt.Sprintf("+55519%08d", i)
		if i%10 == 9 {
			phone = ""
		}
		lines[i] = fmt.Sprintf("%s;Pessoa %d;%02d/%02d/1990", phone, i, 1+i%28, 1+i%12)
	}
	return lines
}

func TestStageReadsEveryRecordOnce(t *testing.T) {
	t.Parallel()
	const n = 20_000
	run, w := setup(t, "telefone;nome;nascimento", manyLines(n))
	if err := (Stage{Workers: 3, unit: 2048, chunk: 5000}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"select count(*) from rows": n,
		"select count(distinct row) from rows where row between 1 and 20000 and line = row + 1 and sheet_row = row + 1": n,
		"select count(*) from rows r join records c using (row, byte_offset, byte_length)":                              n,
		"select count(*) from rows where (status = 'rejected') = (row % 10 = 0)":                                        n,
		"select count(*) from identities i join records r using (row) where i.value = r.cells[1]":                       n * 9 / 10,
		"select count(*) from issues where code = 'IDENTIFIER_MISSING' and row % 10 = 0":                                n / 10,
	} {
		if got := number(t, w, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	if c := run.Facts.Columns[0]; c.Filled != n*9/10 || c.Valid != c.Filled {
		t.Errorf("phones filled %d, valid %d, want %d", c.Filled, c.Valid, n*9/10)
	}
}

func TestStageWritesTheSameWithAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	lines := manyLines(6_000)
	var first []map[string]string
	for _, workers := range []int{1, 2, 5} {
		run, w := setup(t, "telefone;nome;nascimento", lines)
		if err := (Stage{Workers: workers, unit: 2048, chunk: 2500}).Run(context.Background(), run); err != nil {
			t.Fatal(err)
		}
		got := slices.Concat(texts(t, w, "select * from rows order by row"), texts(t, w, "select * from identities order by row, seq"),
			texts(t, w, "select * from issues order by row, code"))
		if first == nil {
			first = got
		}
		if !slices.EqualFunc(first, got, maps.Equal) {
			t.Errorf("the tables differ with %d workers", workers)
		}
	}
}

func TestStageWritesTablesWithoutRows(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "telefone;nome", nil)
	if err := (Stage{}).Run(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{schemas.TableRows, schemas.TableIdentities, schemas.TableIssues} {
		if n := number(t, w, "select count(*) from "+table); n != 0 {
			t.Errorf("table %s has %d rows", table, n)
		}
	}
}

func TestStageEndsWhenAWriteFails(t *testing.T) {
	t.Parallel()
	for _, table := range []string{schemas.TableRows, schemas.TableIssues} {
		run, w := setup(t, "telefone;nome;nascimento", manyLines(20_000))
		run.Workset = brokenWorkset{w, table}
		if err := (Stage{Workers: 2, unit: 2048, chunk: 3000}).Run(context.Background(), run); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("Run = %v, want the failure of the write", err)
		}
	}
}

func TestStageEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run, _ := setup(t, "telefone;nome;nascimento", manyLines(20_000))
	run.Progress = func(pipeline.Progress) { cancel() }
	if err := (Stage{Workers: 2, unit: 2048, chunk: 3000}).Run(ctx, run); err == nil || ctx.Err() == nil {
		t.Errorf("Run = %v, want the end of the context", err)
	}
}

// The width of rows decides how many are read at once: a range of the records
// never holds more bytes than its limit, unless one block alone does.
func TestRangesAreBounded(t *testing.T) {
	t.Parallel()
	lines := make([]string, 9_000)
	for i := range lines {
		lines[i] = fmt.Sprintf("+55519%08d;x", i)
		if i >= 4096 && i < 6144 {
			lines[i] += strings.Repeat("x", rangeBytes/1024)
		}
	}
	_, w := setup(t, "telefone;obs", lines)
	ranges, err := readRanges(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]span{{1, 4097}, {4097, 5121}, {5121, 6145}, {6145, 9217}}, ranges, cmp.AllowUnexported(span{})); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

func TestStageRejectsAFileWithoutIdentifier(t *testing.T) {
	t.Parallel()
	run, w := setup(t, "nome;cidade", []string{"Ana;Recife"})
	err := (Stage{}).Run(context.Background(), run)
	if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != "MAPPING_NO_IDENTIFIER" {
		t.Errorf("Run = %v", err)
	}
	if len(run.Facts.Issues) != 1 || run.Facts.Issues[0].Severity != schemas.SeverityError {
		t.Errorf("file issues = %+v", run.Facts.Issues)
	}
	if len(run.Facts.Columns) != 2 {
		t.Errorf("columns = %+v", run.Facts.Columns)
	}
	if n := number(t, w, "select count(*) from duckdb_tables() where table_name <> 'records'"); n != 0 {
		t.Errorf("%d tables were written", n)
	}
}
