package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// issue is a line of "bateia issues --json".
type issue struct {
	Row        int64   `json:"row"`
	Line       int64   `json:"line"`
	SheetRow   int64   `json:"sheet_row"`
	ByteOffset int64   `json:"byte_offset"`
	Column     *string `json:"column"`
	Severity   string  `json:"severity"`
	Code       string  `json:"code"`
	Value      *string `json:"value"`
	Message    string  `json:"message"`
	Remedy     string  `json:"remedy"`
}

// plantedHeader are the columns of the file in which every code is planted; the
// mapping says what cannot be told from their names.
const (
	plantedHeader  = "telefone;email;cpf;nome;nascimento;valor;ativo;fase"
	plantedMapping = `
columns:
  valor: {field: extra.valor, type: number}
  ativo: {field: extra.ativo, type: boolean}
  fase: lifecycle
`
)

// planted are rows with what must be said of each: code, column and value, W or E
// for the severity. A row without any is good.
var planted = []struct {
	text   string
	issues []string
}{
	{"51987650001;a1@exemplo.com.br;;Ana;01/02/1990;1.234,56;sim;lead", nil},
	{"51987650002;a2@exemplo.com.br;;\"Ana\nMaria\";;;;", nil}, // a line break in a cell
	{"519876;;;Caio;;;;", []string{"E PHONE_TOO_SHORT telefone 519876"}},
	{"", nil}, // blank
	{"5551987650003999;;;Duda;;;;", []string{"E PHONE_TOO_LONG telefone 5551987650003999"}},
	{"5,55E+12;;;Ester;;;;", []string{"E PHONE_SCIENTIFIC telefone 5,55E+12"}},
	{"987650004;;;Fabio;;;;", []string{"E PHONE_LOCAL_ONLY telefone 987650004"}},
	{"ligar depois;;;Gil;;;;", []string{"E PHONE_MALFORMED telefone ligar depois"}},
	{"+999 51 98765;;;Hugo;;;;", []string{"E PHONE_COUNTRY_INVALID telefone +999 51 98765"}},
	{"5187650005;;;Iara;;;;", []string{"W PHONE_NINTH_DIGIT_ADDED telefone 5187650005"}},
	{";sem-arroba;;João;;;;", []string{"E EMAIL_INVALID email sem-arroba"}},
	{";" + strings.Repeat("x", 250) + "@exemplo.com.br;;Kai;;;;", []string{"E EMAIL_TOO_LONG email " + strings.Repeat("x", 250) + "@exemplo.com.br"}},
	{";lia@gmial.com;;Lia;;;;", []string{"W EMAIL_SUSPECT_DOMAIN email lia@gmial.com"}},
	{";;11111111112;Mara;;;;", []string{"E DOCUMENT_INVALID cpf 11111111112"}},
	{";;;Nina;;;;", []string{"E IDENTIFIER_MISSING"}},
	{"51987650006 / 51987650007;;;Olga;;;;", []string{"W IDENTIFIER_MULTIPLE_IN_CELL telefone 51987650006 / 51987650007"}},
	{"51999999999;p1@exemplo.com.br;;Pia;;;;", []string{"W PLACEHOLDER_VALUE telefone 51999999999"}},
	{"51987650008;;;Rui;31/02/1990;;;", []string{"W DATE_INVALID nascimento 31/02/1990"}},
	{"51987650009;;;Sara;;muito;;", []string{"W NUMBER_INVALID valor muito"}},
	{"51987650010;;;Tito;;;talvez;", []string{"W BOOLEAN_INVALID ativo talvez"}},
	{"51987650011;;;Ugo;;;;morno", []string{"W LIFECYCLE_UNKNOWN fase morno"}},
	{"51987650012;x;1;Vera;99/99/99;a;b;c", []string{ // all of a row, not only the first
		"W EMAIL_INVALID email x", "W DOCUMENT_INVALID cpf 1", "W DATE_INVALID nascimento 99/99/99",
		"W NUMBER_INVALID valor a", "W BOOLEAN_INVALID ativo b", "W LIFECYCLE_UNKNOWN fase c",
	}},
	{"51987650013;y1@exemplo.com.br", []string{"E ROW_TOO_FEW_CELLS"}},
	{"51987650014;y2@exemplo.com.br;;Yara;;;;;sobra;sobra", []string{"E ROW_TOO_MANY_CELLS"}},
	{"51987650015;;;\"Zeca;;;;", []string{"E ROW_UNCLOSED_QUOTE"}},
	{"51987650016;a16@exemplo.com.br;;Alma;;;;", nil},
}

// TestRowCodes plants every code that a row can have at this depth and wants it
// named where it is, and the other rows loaded.
func TestRowCodes(t *testing.T) {
	t.Parallel()
	s := use(t)
	s.account(t, "planted")
	body := plantedHeader + "\r\n"
	row, line, sheet := int64(0), int64(2), int64(2)
	want := map[string][]string{}
	positions := map[int64]issue{}
	rejected, blank := int64(0), int64(0)
	for _, p := range planted {
		at := issue{Row: row + 1, Line: line, SheetRow: sheet, ByteOffset: int64(len(body))}
		body += p.text + "\r\n"
		line += int64(1 + strings.Count(p.text, "\n"))
		sheet++
		if p.text == "" {
			blank++
			continue
		}
		row++
		positions[row] = at
		if len(p.issues) > 0 {
			want[fmt.Sprint(row)] = slices.Clone(p.issues)
		}
		if slices.ContainsFunc(p.issues, func(i string) bool { return i[0] == 'E' }) {
			rejected++
		}
	}
	doc := decode(t, s.must(t, 3, "import", file(t, "planted.csv", []byte(body)), "--json", "--account", "planted",
		"--mapping", file(t, "m.yaml", []byte(plantedMapping))).stdout)
	if l := doc.Ledger; l.Read != row || l.Rejected != rejected || l.Blank != blank || l.Created != row-rejected {
		t.Errorf("ledger %+v, want %d read, %d rejected, %d blank, the rest created", l, row, rejected, blank)
	}
	got := map[string][]string{}
	for _, text := range s.must(t, 0, "issues", doc.ImportID, "--json").lines() {
		var i issue
		if err := json.Unmarshal(text, &i); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if i.Row == 0 {
			continue // on the file
		}
		p := positions[i.Row]
		if i.Line != p.Line || i.SheetRow != p.SheetRow || i.ByteOffset != p.ByteOffset {
			t.Errorf("row %d %s: line %d, sheet row %d, byte %d, want %d, %d, %d", i.Row, i.Code, i.Line, i.SheetRow, i.ByteOffset, p.Line, p.SheetRow, p.ByteOffset)
		}
		if i.Message == "" || i.Remedy == "" && i.Severity == "error" {
			t.Errorf("%s: message %q, remedy %q", i.Code, i.Message, i.Remedy)
		}
		text := strings.ToUpper(i.Severity[:1]) + " " + i.Code
		if i.Column != nil {
			text += " " + *i.Column
			if i.Value != nil {
				text += " " + *i.Value
			}
		}
		got[fmt.Sprint(i.Row)] = append(got[fmt.Sprint(i.Row)], text)
	}
	for _, list := range []map[string][]string{want, got} {
		for row := range list {
			for i, text := range list[row] {
				list[row][i] = text[:min(len(text), 100)] // long values are cut
			}
			slices.Sort(list[row])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("issues by row (-want +got):\n%s", diff)
	}
	t.Logf("%d rows, %d with issues, %d codes: %+v", row, len(want), len(doc.Issues.ByCode), doc.Ledger)
}
