package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

// readRows reads lines of cells parted by ";" as an account in Brazil does.
func readRows(t testing.TB, header string, m schemas.Mapping, lines ...string) []Row {
	t.Helper()
	var records [][]string
	for _, l := range lines {
		records = append(records, strings.Split(l, ";"))
	}
	var rows []Row
	_, _, err := ReadAll(strings.Split(header, ";"), m, true, Config{Country: "BR", System: "feira", Options: m.Options, Now: testNow}, records,
		func(_ int, row Row) { rows = append(rows, row) })
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// summary writes a row in lines: its status, fields, identities and issues.
func (r Row) summary(header string) []string {
	names := strings.Split(header, ";")
	out := []string{strings.TrimSpace("status " + string(r.Status) + " " + r.Reason)}
	for _, f := range slices.Sorted(maps.Keys(r.Fields)) {
		out = append(out, f+" = "+r.Fields[f])
	}
	if r.Extra != "" {
		out = append(out, "extra = "+r.Extra)
	}
	for _, id := range r.Identities {
		out = append(out, id.Kind.String()+" "+id.Canonical+" "+id.Strength.String())
	}
	for _, i := range r.Issues {
		column := "row"
		if i.Column >= 0 {
			column = names[i.Column]
		}
		out = append(out, fmt.Sprintf("%s %s on %s: %s", i.Severity, i.Code, column, i.Value))
	}
	return out
}

func TestReadRows(t *testing.T) {
	t.Parallel()
	options := func(o schemas.Options) schemas.Mapping { return schemas.Mapping{Options: o} }
	for _, tt := range []struct {
		name, header string
		mapping      schemas.Mapping
		line         string
		want         []string
	}{
		{"a valid e-mail saves a row with a bad phone", "fone;email", schemas.Mapping{}, "12;ana@exemplo.com.br", []string{
			"status", "email = ana@exemplo.com.br", "email ana@exemplo.com.br joining", "warning PHONE_TOO_SHORT on fone: 12",
		}},
		{"all identifiers bad: the phone comes first", "email;fone", schemas.Mapping{}, "ana@;12", []string{
			"status rejected PHONE_TOO_SHORT", "error EMAIL_INVALID on email: ana@", "error PHONE_TOO_SHORT on fone: 12",
		}},
		{"no identifier at all, and a bad date", "fone;nascimento", schemas.Mapping{}, "n/a;99/99/9999", []string{
			"status rejected IDENTIFIER_MISSING", "error IDENTIFIER_MISSING on row: ", "error DATE_INVALID on nascimento: 99/99/9999",
		}},
		{"an id of ours is enough", "bateia_id;nome", schemas.Mapping{}, "BA01a2b3c4d5e6f700000001;Ana", []string{
			"status", "name = Ana",
		}},
		{"strict refuses a bad optional cell", "fone;nascimento", options(schemas.Options{Validation: "strict"}), "51999991234;31/02/1990", []string{
			"status rejected DATE_INVALID", "error DATE_INVALID on nascimento: 31/02/1990",
		}},
		{"strict lets warnings pass", "fone;lifecycle", options(schemas.Options{Validation: "strict"}), "51999991234;amigo", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "warning LIFECYCLE_UNKNOWN on lifecycle: amigo",
		}},
		{"two phones in a cell", "fone", schemas.Mapping{}, "51999991234 / 51999995678", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "phone +5551999995678 joining",
			"warning IDENTIFIER_MULTIPLE_IN_CELL on fone: 51999991234 / 51999995678",
		}},
		{"two phones in a cell refused", "fone", options(schemas.Options{Multiple: "reject"}), "51999991234 / 51999995678", []string{
			"status rejected IDENTIFIER_MULTIPLE_IN_CELL", "error IDENTIFIER_MULTIPLE_IN_CELL on fone: 51999991234 / 51999995678",
		}},
		{"phones by column, each once", "celular;telefone 2;telefone comercial", schemas.Mapping{}, "51999991234;(51) 99999-1234;5133334444", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "phone +555133334444 shared",
		}},
		{"the landline counts last", "fone fixo;telefone 2;whatsapp", schemas.Mapping{}, "5133334444;51999995678;51999991234", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "phone +5551999995678 joining", "phone +555133334444 shared",
		}},
		{"only a second phone", "nome;telefone 2", schemas.Mapping{}, "Ana;51999991234", []string{
			"status", "name = Ana", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"area code in a column of its own", "ddd;fone", schemas.Mapping{}, "51;99999-1234", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"default area code", "fone", options(schemas.Options{DefaultAreaCode: "51"}), "99999-1234", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "warning PHONE_AREA_ASSUMED on fone: 99999-1234",
		}},
		{"no area code", "fone", schemas.Mapping{}, "99999-1234", []string{
			"status rejected PHONE_LOCAL_ONLY", "error PHONE_LOCAL_ONLY on fone: 99999-1234",
		}},
		{"country of the phone in a column", "ddi;fone", schemas.Mapping{}, "54;11 15 2345-6789", []string{
			"status", "phone = +5491123456789", "phone +5491123456789 joining",
		}},
		{"spreadsheet's phone", "fone", schemas.Mapping{}, "5,55E+12", []string{
			"status rejected PHONE_SCIENTIFIC", "error PHONE_SCIENTIFIC on fone: 5,55E+12",
		}},
		{"ninth digit", "fone", schemas.Mapping{}, "5187654321", []string{
			"status", "phone = +5551987654321", "phone +5551987654321 joining", "warning PHONE_NINTH_DIGIT_ADDED on fone: 5187654321",
		}},
		{"document with lost zeros", "cpf", schemas.Mapping{}, "5299822421", []string{
			"status", "document = 05299822421", "document 05299822421 joining", "warning DOCUMENT_ZEROS_RESTORED on cpf: 5299822421",
		}},
		{"placeholder e-mail is no identifier", "email;nome", schemas.Mapping{}, "naotem@naotem.com;Ana", []string{
			"status rejected IDENTIFIER_MISSING", "error IDENTIFIER_MISSING on row: ", "warning PLACEHOLDER_VALUE on email: naotem@naotem.com",
		}},
		{"foreign id", "código;nome", schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"código": {Field: "external_id", System: "nectar"}}}, "17;Ana", []string{
			"status", "name = Ana", "external_id nectar:17 joining",
		}},
		{"foreign id of the source itself", "código;nome", schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"código": {Field: "external_id"}}}, "17;Ana", []string{
			"status", "name = Ana", "external_id feira:17 joining",
		}},
		{"name from its parts", "fone;primeiro nome;sobrenome", schemas.Mapping{}, "51999991234; Ana ;Silva", []string{
			"status", "first_name = Ana", "last_name = Silva", "name = Ana Silva", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"a whole name goes before its parts", "fone;nome completo;first name;sobrenome", schemas.Mapping{}, "51999991234;Ana Maria;Ana;Silva", []string{
			"status", "first_name = Ana", "last_name = Silva", "name = Ana Maria", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"only a last name", "fone;first name;sobrenome", schemas.Mapping{}, "51999991234;;Silva", []string{
			"status", "last_name = Silva", "name = Silva", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"notes from several columns", "fone;obs;comentários;notas", schemas.Mapping{}, "51999991234;um;um;dois", []string{
			"status", "notes = um\ndois", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"translated values", "fone;temperatura",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"temperatura": {Field: "status", Values: map[string]string{"Quente": "hot"}}}},
			"51999991234; QUENTE", []string{"status", "phone = +5551999991234", "status = hot", "phone +5551999991234 joining"}},
		{"constants fill blanks", "fone;origem",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"origem": {Field: "notes"}}, Set: map[string]string{"source": "Feira", "notes": "-", "extra.lote": "7", "lifecycle": "Cliente"}},
			"51999991234;", []string{
				`status`, "lifecycle = client", "notes = -", "phone = +5551999991234", "source = Feira", `extra = {"lote":"7"}`, "phone +5551999991234 joining",
			}},
		{"typed extra fields",
			"fone;valor;desde;vip;cor",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{
				"valor": {Field: "extra.valor", Type: "number"}, "desde": {Field: "extra.desde", Type: "date", Format: "mm/dd/yyyy"}, "vip": {Field: "extra.vip", Type: "boolean"},
			}},
			`51999991234;R$ 1.234,50;02/03/2024;x;azul "claro"`, []string{
				"status", "phone = +5551999991234", `extra = {"cor":"azul \"claro\"","desde":"2024-02-03","valor":1234.5,"vip":true}`, "phone +5551999991234 joining",
			}},
		{"bad extra fields", "fone;valor;vip",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"valor": {Field: "extra.valor", Type: "number"}, "vip": {Field: "extra.vip", Type: "boolean"}}},
			"51999991234;doze;talvez", []string{
				"status", "phone = +5551999991234", "phone +5551999991234 joining",
				"warning NUMBER_INVALID on valor: doze", "warning BOOLEAN_INVALID on vip: talvez",
			}},
		{"zeros and noes are no blanks in extra fields", "fone;compras;newsletter;x",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"compras": {Field: "extra.compras", Type: "number"}}},
			"51999991234;0;não;n/a", []string{
				"status", "phone = +5551999991234", `extra = {"compras":0,"newsletter":"não"}`, "phone +5551999991234 joining",
			}},
		{"blank spellings", "fone;nome;nascimento;empresa;is_company;cep", schemas.Mapping{}, "51999991234;não informado;00/00/0000;-;n/a;0", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"a street may have no number", "fone;rua;número", schemas.Mapping{}, "51999991234;Rua A;S/N", []string{
			"status", "phone = +5551999991234", "street = Rua A", "street_number = S/N", "phone +5551999991234 joining",
		}},
		{"places by the country of the row", "fone;país;estado;cep", schemas.Mapping{}, "+541123456789;Argentina;cordoba;x5000abc", []string{
			"status", "country = AR", "phone = +541123456789", "postal_code = X5000ABC", "state = Córdoba", "phone +541123456789 shared",
		}},
		{"tags", "fone;tags", schemas.Mapping{}, "51999991234;quente, VIP", []string{
			"status", "phone = +5551999991234", `tags = ["quente","VIP"]`, "phone +5551999991234 joining",
		}},
		{"a text too long for its field", "fone;cargo", schemas.Mapping{}, "51999991234;" + strings.Repeat("é", 201), []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining", "warning TEXT_TOO_LONG on cargo: " + strings.Repeat("é", 200),
		}},
		{"a novel in the phone's column", "fone", schemas.Mapping{}, strings.Repeat("9", 300), []string{
			"status rejected PHONE_TOO_LONG", "error PHONE_TOO_LONG on fone: " + strings.Repeat("9", 200),
		}},
		{"ignored columns are not looked at", "fone;nascimento", schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"nascimento": {Field: "ignore"}}},
			"51999991234;quando?", []string{"status", "phone = +5551999991234", "phone +5551999991234 joining"}},
		{"fewer cells than the header", "fone;nome;cidade", schemas.Mapping{}, "51999991234", []string{
			"status", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"more cells than the header", "fone;nome", schemas.Mapping{}, "51999991234;Ana;x;y", []string{
			"status", "name = Ana", "phone = +5551999991234", "phone +5551999991234 joining",
		}},
		{"Google's several values in one cell", "E-mail 1 - Value", schemas.Mapping{}, "ana@exemplo.com.br ::: bia@exemplo.com.br", []string{
			"status", "email = ana@exemplo.com.br", "email ana@exemplo.com.br joining", "email bia@exemplo.com.br joining",
			"warning IDENTIFIER_MULTIPLE_IN_CELL on E-mail 1 - Value: ana@exemplo.com.br ::: bia@exemplo.com.br",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := readRows(t, tt.header, tt.mapping, tt.line)[0]
			if diff := cmp.Diff(tt.want, row.summary(tt.header)); diff != "" {
				t.Errorf("row (-want +got):\n%s", diff)
			}
			for _, i := range row.Issues {
				if _, known := schemas.CodeByName(i.Code); !known {
					t.Errorf("%s is not in the catalogue", i.Code)
				}
			}
			if (row.Statement != 0) != (row.Status == "") {
				t.Errorf("statement = %d with status %q", row.Statement, row.Status)
			}
		})
	}
}

func TestCodesOfIdentitiesAreInTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, code := range identity.Codes() {
		if c, ok := schemas.CodeByName(code); !ok || c.Level != schemas.LevelCell {
			t.Errorf("%s: %+v", code, c)
		}
	}
}

func TestNameKeyFallsBackToTheCompany(t *testing.T) {
	t.Parallel()
	rows := readRows(t, "fone;nome;empresa", schemas.Mapping{}, "51999991234;Ana Conceição;Padaria Pão & Cia", "51999991234;;Padaria Pão & Cia", "51999991234;;")
	for i, want := range []string{"ana conceicao", "padaria pao cia", ""} {
		if rows[i].NameKey != want {
			t.Errorf("name_key of row %d = %q, want %q", i+1, rows[i].NameKey, want)
		}
	}
}

// The order of dates is decided over the column, not by the cell.
func TestOneCellDecidesTheDatesOfItsColumn(t *testing.T) {
	t.Parallel()
	rows := readRows(t, "fone;nascimento", schemas.Mapping{}, "51999991234;02/03/1990", "51999991235;02/25/1990", "51999991236;25/02/1990", "51999991237;02/26/90")
	var got []string
	for _, r := range rows {
		got = append(got, r.Fields["birthday"])
	}
	if diff := cmp.Diff([]string{"1990-02-03", "1990-02-25", "", "1990-02-26"}, got); diff != "" {
		t.Errorf("birthdays (-want +got):\n%s", diff)
	}
}

func TestStatementIsTheSameForTheSameStatement(t *testing.T) {
	t.Parallel()
	m := schemas.Mapping{}
	base := readRows(t, "fone;email;nome;cor", m, "51999991234;ana@exemplo.com.br;Ana;azul")[0]
	for _, same := range []struct{ name, header, line string }{
		{"other spelling", "fone;email;nome;cor", "+55 (51) 99999-1234;ANA@exemplo.com.br; Ana ;azul"},
		{"other order of columns", "cor;nome;email;fone", "azul;Ana;ana@exemplo.com.br;51999991234"},
		{"other headers", "Celular;E-mail;Nome completo;Cor", "51999991234;ana@exemplo.com.br;Ana;azul"},
		{"blank columns beside", "fone;email;nome;cor;cidade;time", "51999991234;ana@exemplo.com.br;Ana;azul;;"},
		{"bad cell beside", "fone;email;nome;cor;nascimento", "51999991234;ana@exemplo.com.br;Ana;azul;99"},
	} {
		if got := readRows(t, same.header, m, same.line)[0]; got.Statement != base.Statement {
			t.Errorf("%s: another statement", same.name)
		}
	}
	for _, other := range []struct{ name, header, line string }{
		{"other name", "fone;email;nome;cor", "51999991234;ana@exemplo.com.br;Anna;azul"},
		{"no e-mail", "fone;email;nome;cor", "51999991234;;Ana;azul"},
		{"other extra value", "fone;email;nome;cor", "51999991234;ana@exemplo.com.br;Ana;verde"},
		{"value in another field", "fone;email;empresa;cor", "51999991234;ana@exemplo.com.br;Ana;azul"},
		{"extra field of another name", "fone;email;nome;tom", "51999991234;ana@exemplo.com.br;Ana;azul"},
	} {
		if got := readRows(t, other.header, m, other.line)[0]; got.Statement == base.Statement {
			t.Errorf("%s: the same statement", other.name)
		}
	}
}

// No record makes a reader panic, and none is without an answer: it goes on
// with an identity, or it is refused with a reason that one of its issues gives.
func TestEveryRecordHasAnAnswer(t *testing.T) {
	t.Parallel()
	header := strings.Split("fone;ddd;email;cpf;instagram;nome;sobrenome;nascimento;cep;uf;país;lifecycle;is_company;tags;obs;valor;livre", ";")
	cell := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "", "51999991234", "ana@exemplo.com.br", "529.982.247-25", "@ana", "Ana", "05/03/1990", "n/a", "x", "1,5", "\xff", "a\x00b", "5,55E+12"}),
		rapid.StringMatching(`[0-9 ()+./-]{0,20}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.SliceOfN(cell, 0, len(header)+1), 1, 5).Draw(t, "records")
		m := schemas.Mapping{
			Columns: map[string]schemas.ColumnTarget{"valor": {Field: "extra.valor", Type: "number"}},
			Options: schemas.Options{Validation: rapid.SampledFrom([]string{"", "strict"}).Draw(t, "validation")},
		}
		_, _, err := ReadAll(header, m, true, Config{Country: "BR", Options: m.Options, Now: testNow}, records, func(i int, row Row) {
			switch row.Status {
			case "":
				if len(row.Identities) == 0 || row.Reason != "" {
					t.Fatalf("row goes on with %d identities and reason %q", len(row.Identities), row.Reason)
				}
				if slices.ContainsFunc(row.Issues, func(i Issue) bool { return i.Severity == schemas.SeverityError }) {
					t.Fatalf("row goes on with an error: %+v", row.Issues)
				}
			case schemas.OutcomeRejected:
				c, known := schemas.CodeByName(row.Reason)
				if !known || c.Outcome != schemas.OutcomeRejected {
					t.Fatalf("row is rejected for %q", row.Reason)
				}
				if !slices.ContainsFunc(row.Issues, func(i Issue) bool { return i.Code == row.Reason && i.Severity == schemas.SeverityError }) {
					t.Fatalf("no issue gives the reason %s: %+v", row.Reason, row.Issues)
				}
				if len(row.Identities) > 0 || len(row.Fields) > 0 || row.Extra != "" {
					t.Fatalf("a rejected row keeps values")
				}
			default:
				t.Fatalf("status %q", row.Status)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
