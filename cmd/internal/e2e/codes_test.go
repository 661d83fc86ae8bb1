package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// refusedFiles are files that are refused as a whole.
var refusedFiles = []struct {
	name     string
	body     []byte
	flags    []string // of import
	manifest string   // beside the drop
	code     string
}{
	{"workbook named csv", workbook("xl/workbook.xml"), nil, "", "FILE_NOT_CSV"},
	{"zip", workbook("leads.csv"), nil, "", "FILE_NOT_CSV"},
	{"pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"), nil, "", "FILE_NOT_CSV"},
	{"old workbook", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 1016)...), nil, "", "FILE_NOT_CSV"},
	{"page of an error", []byte("<!DOCTYPE html><html><body>Login</body></html>\n"), nil, "", "FILE_NOT_CSV"},
	{"json", []byte("[{\"email\":\"ana@exemplo.com.br\"}]\n"), nil, "", "FILE_NOT_CSV"},
	{"zero bytes", []byte{}, nil, "", "FILE_EMPTY"},
	{"only a byte order mark", []byte("\ufeff"), nil, "", "FILE_EMPTY"},
	{"only blank lines", []byte("\n \r\n\n\t\n"), nil, "", "FILE_EMPTY"},
	{"header only", []byte("nome;email\n"), nil, "", "FILE_NO_DATA_ROWS"},
	{"header and blank lines", []byte("nome;email\n\n;\n \n"), nil, "", "FILE_NO_DATA_ROWS"},
	{"no header", []byte("Ana;ana@exemplo.com.br\nBia;bia@exemplo.com.br\n"), nil, "", "FILE_HEADER_MISSING"},
	{"one row that is no header", []byte("ana@exemplo.com.br\n"), nil, "", "FILE_HEADER_MISSING"},
	{"nothing that identifies", []byte("nome;cidade\nAna;Belém\n"), nil, "", "MAPPING_NO_IDENTIFIER"},
	{"mapped column that is not there", []byte("nome;email\nAna;ana@exemplo.com.br\n"),
		[]string{"--map", "Fone=phone"}, "columns: {Fone: phone}\n", "MAPPING_COLUMN_UNKNOWN"},
	{"two columns for one field", []byte("a;b;email\nAna;Bia;ana@exemplo.com.br\n"),
		[]string{"--map", "a=name", "--map", "b=name"}, "columns: {a: name, b: name}\n", "MAPPING_TARGET_TWICE"},
	{"mapped name that stands twice", []byte("a;a;email\nAna;Bia;ana@exemplo.com.br\n"),
		[]string{"--map", "a=name"}, "columns: {a: name}\n", "FILE_HEADER_DUPLICATE"},
	{"first column must identify", []byte("nome;email\nAna;ana@exemplo.com.br\n"),
		[]string{"--option", "first_column_identifies=true"}, "options: {first_column_identifies: true}\n", "FILE_FIRST_COLUMN_NOT_IDENTIFIER"},
	{"encoding nobody knows", []byte("nome;email\nAna;ana@exemplo.com.br\n"),
		[]string{"--option", "encoding=klingon"}, "options: {encoding: klingon}\n", "FILE_ENCODING_UNKNOWN"},
}

// workbook is a zip archive with a member.
func workbook(member string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", member} {
		if w, err := z.Create(name); err == nil {
			_, _ = w.Write([]byte("<x/>")) // into memory
		}
	}
	_ = z.Close()
	return b.Bytes()
}

// TestRefusedFiles sends every such file twice, with the command and as a drop.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "refused")
	key := func(i int) string { return fmt.Sprintf("uploads/refused/lista/%02d.csv", i) }
	for i, f := range refusedFiles {
		if f.manifest != "" {
			s.drop(t, key(i)+".import.yaml", []byte(f.manifest))
		}
		s.drop(t, key(i), f.body)
	}
	var imports []string
	for i, f := range refusedFiles {
		r := s.run(t, append([]string{"import", file(t, fmt.Sprintf("%02d.csv", i), f.body), "--json", "--account", "refused"}, f.flags...)...)
		if r.code != 4 {
			t.Errorf("%s: exit code %d, want 4\n%s%s", f.name, r.code, r.stdout, r.stderr)
			continue
		}
		doc := decode(t, r.stdout)
		checkRefused(t, f.name, f.code, doc)
		if !strings.HasPrefix(doc.Objects.Result, "s3://") {
			t.Errorf("%s: there is no result: %+v", f.name, doc.Objects)
		}
		drop := s.await(t, key(i), 1)
		checkRefused(t, f.name+" (drop)", f.code, drop.document)
		// People read it in the language of the account.
		if len(drop.text) < 50 || strings.Contains(drop.text, doc.Message) {
			t.Errorf("%s: the result says %q", f.name, drop.text)
		}
		imports = append(imports, doc.ImportID, drop.ImportID)
	}
	checkNothingWritten(t, s.conn(t, "refused"), len(imports))
	slices.Sort(imports)
	t.Logf("%d files with %d codes refused twice each; %d imports", len(refusedFiles), distinctCodes(), len(slices.Compact(imports)))
}

func distinctCodes() int {
	codes := map[string]bool{}
	for _, f := range refusedFiles {
		codes[f.code] = true
	}
	return len(codes)
}

func checkRefused(t *testing.T, name, code string, d document) {
	t.Helper()
	if d.State != "rejected" || d.Code != code {
		t.Errorf("%s: %s %s, want rejected %s", name, d.State, d.Code, code)
	}
	if len(d.Message) < 10 || len(d.Remedy) < 10 || strings.ContainsAny(d.Message+d.Remedy, "{}") {
		t.Errorf("%s: message %q, remedy %q", name, d.Message, d.Remedy)
	}
	if d.Ledger.sum() != 0 || d.Prospects != (actions{}) {
		t.Errorf("%s: %+v, %+v", name, d.Ledger, d.Prospects)
	}
}

// checkNothingWritten wants an account to hold imports with an issue on the file
// each, and nothing that an import writes.
func checkNothingWritten(t *testing.T, c *pgx.Conn, imports int) {
	t.Helper()
	got := map[string]int{}
	for _, table := range []string{"imports", "prospects", "identities", "leads", "row_outcomes", "before_images", "aliases", "merges", "tags", "field_definitions"} {
		got[table] = column[int](t, c, "select count(*)::int from bateia."+table)[0]
	}
	got["imports with an issue on the file"] = column[int](t, c, "select count(distinct import_id)::int from bateia.issues where row is null")[0]
	got["issues on rows"] = column[int](t, c, "select count(*)::int from bateia.issues where row is not null")[0]
	want := map[string]int{"imports": imports, "imports with an issue on the file": imports}
	for name := range got {
		want[name] += 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows in Postgres (-want +got):\n%s", diff)
	}
}

// TestTooLarge decides before the file is read, and before it is sent.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "toolarge")
	s.must(t, 0, "account", "set", "toolarge", "--max-file-size", "1KB")
	body := append([]byte("nome;email\n"), bytes.Repeat([]byte("Ana;ana@exemplo.com.br\n"), 100)...)
	doc := decode(t, s.must(t, 4, "import", file(t, "leads.csv", body), "--json", "--account", "toolarge").stdout)
	checkRefused(t, "command", "FILE_TOO_LARGE", doc)
	if keys, err := s.keys(t.Context(), "imports/toolarge/"); err != nil || len(keys) > 0 {
		t.Errorf("the file was sent all the same: %q, %v", keys, err)
	}
	s.drop(t, "uploads/toolarge/leads.csv", body)
	drop := s.await(t, "uploads/toolarge/leads.csv", 1)
	checkRefused(t, "drop", "FILE_TOO_LARGE", drop.document)
	checkNothingWritten(t, s.conn(t, "toolarge"), 1) // the command registered none
	if !strings.Contains(drop.Message, "1000 B") {
		t.Errorf("the result does not name the limit: %q", drop.Message)
	}
}

// TestUnassigned lays the result of a drop for nobody where an owner finds it.
func TestUnassigned(t *testing.T) {
	t.Parallel()
	s := use(t)
	for _, key := range []string{"uploads/nobody-here/lista/a.csv", "uploads/b.csv"} {
		s.drop(t, key, []byte("nome;email\nAna;ana@exemplo.com.br\n"))
	}
	for _, prefix := range []string{"results/_unassigned/lista/a.csv/", "results/_unassigned/b.csv/"} {
		doc := s.awaitAt(t, prefix, 1)
		checkRefused(t, prefix, "ACCOUNT_UNKNOWN", doc.document)
	}
}

// TestHeld drops a file of which too much would be refused: nothing is written
// until somebody says apply.
func TestHeld(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "held")
	body := []byte("nome;email\n")
	for i := range 25 {
		address := fmt.Sprintf("pessoa%d@exemplo.com.br", i)
		if i%5 < 2 {
			address = fmt.Sprintf("pessoa%d", i)
		}
		body = fmt.Appendf(body, "Pessoa %d;%s\n", i, address)
	}
	s.drop(t, "uploads/held/lista/a.csv", body)
	c := s.conn(t, "held")
	doc := s.await(t, "uploads/held/lista/a.csv", 1)
	if doc.State != "ready" || !doc.Held || doc.Code != "TOO_MANY_ERRORS" || doc.Ledger.Rejected != 10 || doc.Ledger.Created != 15 {
		t.Fatalf("the drop is %s, held %v, %s, %+v", doc.State, doc.Held, doc.Code, doc.Ledger)
	}
	if len(doc.Message) < 10 || len(doc.Remedy) < 10 || !strings.Contains(doc.text, "bateia apply "+doc.ImportID) {
		t.Errorf("message %q, remedy %q, text %q", doc.Message, doc.Remedy, doc.text)
	}
	if n := column[int](t, c, "select (select count(*) from bateia.prospects)::int + (select count(*) from bateia.leads)::int + (select count(*) from bateia.identities)::int")[0]; n != 0 {
		t.Errorf("%d rows were written before anybody decided", n)
	}
	if lines := s.must(t, 0, "issues", doc.ImportID, "--json").lines(); len(lines) != 10 {
		t.Errorf("%d issues can be read, want 10", len(lines))
	}
	if r := s.run(t, "doctor", "--json"); r.code != 1 || !bytes.Contains(r.stdout, []byte(doc.ImportID)) {
		t.Errorf("doctor: exit code %d: %s", r.code, r.stdout)
	}
	after := decode(t, s.must(t, 3, "apply", doc.ImportID, "--json").stdout)
	if after.State != "applied" || after.Ledger != doc.Ledger {
		t.Errorf("after apply: %s %+v, want %+v", after.State, after.Ledger, doc.Ledger)
	}
	if second := s.await(t, "uploads/held/lista/a.csv", 2); second.State != "applied" {
		t.Errorf("the second result says %s", second.State)
	}

	// The same from the command line ends with the code for it.
	path := file(t, "b.csv", body)
	again := decode(t, s.must(t, 6, "import", path, "--unattended", "--json", "--account", "held").stdout)
	if again.Code != "TOO_MANY_ERRORS" || again.Ledger.Unchanged != 15 {
		t.Errorf("import --unattended: %s %+v", again.Code, again.Ledger)
	}
	if d := decode(t, s.must(t, 0, "cancel", again.ImportID, "--json").stdout); d.State != "canceled" {
		t.Errorf("cancel: %s", d.State)
	}
	if d := decode(t, s.must(t, 3, "import", path, "--json", "--account", "held").stdout); d.State != "applied" || d.Ledger.Unchanged != 15 {
		t.Errorf("an import that somebody watches: %s %+v", d.State, d.Ledger)
	}
}

// TestOddShapes gives clear answers to files of unusual shape.
func TestOddShapes(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "shapes")
	wide := func(columns, rows int) []byte {
		var b bytes.Buffer
		b.WriteString("email;nome")
		for i := range columns - 2 {
			fmt.Fprintf(&b, ";campo %d", i)
		}
		for r := range rows {
			fmt.Fprintf(&b, "\nlarga%d@exemplo.com.br;Pessoa %d", r, r)
			for i := range columns - 2 {
				fmt.Fprintf(&b, ";v%d", i*r)
			}
		}
		return b.Bytes()
	}
	for i, f := range []struct {
		name string
		body []byte
		code int
		want ledger
		rows map[string]int64 // by code
	}{
		{"one row", []byte("nome,email\nAna,ana@exemplo.com.br"), 0, ledger{Read: 1, Created: 1}, nil},
		{"one column", []byte("email\nbia@exemplo.com.br\ncaio@exemplo.com.br\n"), 0, ledger{Read: 2, Created: 2}, nil},
		{"one column, one row, no line end", []byte("telefone\n51987650001"), 0, ledger{Read: 1, Created: 1}, nil},
		{"2,000 columns", wide(2000, 5), 0, ledger{Read: 5, Created: 5}, map[string]int64{"COLUMNS_NOT_IMPORTED": 1948}},
		{"only rows that are refused", []byte("nome;email\nAna;\nBia;x\n"), 3, ledger{Read: 2, Rejected: 2}, map[string]int64{"IDENTIFIER_MISSING": 1, "EMAIL_INVALID": 1}},
	} {
		r := s.run(t, "import", file(t, fmt.Sprintf("%d.csv", i), f.body), "--json", "--account", "shapes")
		doc := decode(t, r.stdout)
		if r.code != f.code || doc.State != "applied" || doc.Ledger != f.want {
			t.Errorf("%s: exit code %d, %s %s %+v, want %d %+v", f.name, r.code, doc.State, doc.Code, doc.Ledger, f.code, f.want)
		}
		for code, n := range f.rows {
			if !slices.ContainsFunc(doc.Issues.ByCode, func(c codeCount) bool { return c.Code == code && c.Rows == n }) {
				t.Errorf("%s: issues %+v, want %s for %d", f.name, doc.Issues.ByCode, code, n)
			}
		}
	}
}
