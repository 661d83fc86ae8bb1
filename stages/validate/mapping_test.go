package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// planLines writes a plan as "header → field (reason)".
func planLines(p Plan) []string {
	var out []string
	for _, c := range p.Columns {
		line := c.Name + " → " + c.Field + " (" + c.Reason + ")"
		if c.Area >= 0 {
			line += " area " + p.Columns[c.Area].Name
		}
		out = append(out, line)
	}
	return out
}

func TestMakePlan(t *testing.T) {
	t.Parallel()
	target := func(field string) schemas.ColumnTarget { return schemas.ColumnTarget{Field: field} }
	for _, tt := range []struct {
		name     string
		header   string
		mapping  schemas.Mapping
		attended bool
		want     []string
	}{
		{"headers name fields", "Telefone;E-MAIL;Nome completo;Cor", schemas.Mapping{}, false, []string{
			"Telefone → phone (header)", "E-MAIL → email (header)", "Nome completo → name (header)", "Cor → extra.cor (extra)",
		}},
		{"the mapping goes before headers", "Telefone;Fone",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"Telefone": target("notes"), "fone": target("landline")}}, false, []string{
				"Telefone → notes (mapping)", "Fone → landline (mapping)",
			}},
		{"mapped names ignore accents and case", "TELÉFONO CELULAR;x",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"telefono celular": target("whatsapp"), "X": target("ignore")}}, false, []string{
				"TELÉFONO CELULAR → whatsapp (mapping)", "x →  (ignored)",
			}},
		{"several columns of phones", "Celular;Telefone 2;Telefone comercial;Telefone comercial 2;Fone fixo", schemas.Mapping{}, false, []string{
			"Celular → phone (header)", "Telefone 2 → phone2 (header)", "Telefone comercial → phone (header)",
			"Telefone comercial 2 → phone (header)", "Fone fixo → landline (header)",
		}},
		{"the second name becomes extra", "email;Nome;Nome Contato;nome", schemas.Mapping{}, false, []string{
			"email → email (header)", "Nome → name (header)", "Nome Contato → extra.nome_contato (taken: name)", "nome → extra.nome (taken: name)",
		}},
		{"first and last name as CRMs export them", "Nome;Sobrenome;E-mail", schemas.Mapping{}, false, []string{
			"Nome → first_name (header)", "Sobrenome → last_name (header)", "E-mail → email (header)",
		}},
		{"the display name of an e-mail is the last resort", "Nome para Exibição do Email;Primeiro nome;email", schemas.Mapping{}, false, []string{
			"Nome para Exibição do Email → extra.nome_para_exibicao_do_email (taken: name)", "Primeiro nome → first_name (header)", "email → email (header)",
		}},
		{"number of a house", "email;Endereço;Número", schemas.Mapping{}, false, []string{
			"email → email (header)", "Endereço → street (header)", "Número → street_number (header)",
		}},
		{"number of nobody knows what", "email;Número", schemas.Mapping{}, false, []string{
			"email → email (header)", "Número → extra.numero (ambiguous: phone)",
		}},
		{"foreign ids are never taken unattended", "id;email", schemas.Mapping{Rest: "auto"}, false, []string{
			"id → extra.id (ambiguous: external_id)", "email → email (header)",
		}},
		{"foreign ids are taken when somebody asked for it and watches", "id;email", schemas.Mapping{Rest: "auto"}, true, []string{
			"id → external_id (header)", "email → email (header)",
		}},
		{"watched imports leave doubt to the user as well", "id;email", schemas.Mapping{}, true, []string{
			"id → extra.id (ambiguous: external_id)", "email → email (header)",
		}},
		{"rest ignore", "email;Cor;Contato", schemas.Mapping{Rest: "ignore"}, false, []string{
			"email → email (header)", "Cor →  (rest)", "Contato →  (ambiguous: name)",
		}},
		{"a constant goes before a header", "email;Origem", schemas.Mapping{Set: map[string]string{"source": "Feira 2024"}}, false, []string{
			"email → email (header)", "Origem → extra.origem (set)",
		}},
		{"own columns come back", "bateia_row;bateia_status;bateia_id;bateia_prospect_id;BATEIA_ISSUES;email", schemas.Mapping{}, false, []string{
			"bateia_row →  (own)", "bateia_status →  (own)", "bateia_id → bateia_id (header)", "bateia_prospect_id →  (own)",
			"BATEIA_ISSUES →  (own)", "email → email (header)",
		}},
		{"columns without name", "email;; -;Cor", schemas.Mapping{}, false, []string{
			"email → email (header)", " →  (unnamed)", " - →  (unnamed)", "Cor → extra.cor (extra)",
		}},
		{"extra names are made unique", "email;Cor;cor;Cor!;2ª cor;色", schemas.Mapping{}, false, []string{
			"email → email (header)", "Cor → extra.cor (extra)", "cor → extra.cor_2 (extra)", "Cor! → extra.cor_3 (extra)",
			"2ª cor → extra.c2_a_cor (extra)", "色 → extra.column (extra)",
		}},
		{"mapped extra names are kept free", "email;Cor;Tom",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"Tom": target("extra.cor")}}, false, []string{
				"email → email (header)", "Cor → extra.cor_2 (extra)", "Tom → extra.cor (mapping)",
			}},
		{"area code in front of its phone", "DDD;Telefone;Nome", schemas.Mapping{}, false, []string{
			"DDD → phone_area (header)", "Telefone → phone (header) area DDD", "Nome → name (header)",
		}},
		{"two area codes, each beside its phone", "DDD;Telefone;DDD 2;Telefone 2", schemas.Mapping{}, false, []string{
			"DDD → phone_area (header)", "Telefone → phone (header) area DDD", "DDD 2 → phone2_area (header)", "Telefone 2 → phone2 (header) area DDD 2",
		}},
		{"area codes apart from their phones", "DDD;DDD 2;Nome;Telefone;Telefone 2", schemas.Mapping{}, false, []string{
			"DDD → phone_area (header)", "DDD 2 → phone2_area (header)", "Nome → name (header)",
			"Telefone → phone (header) area DDD", "Telefone 2 → phone2 (header) area DDD 2",
		}},
		{"area code behind", "Fone;Área",
			schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"Área": target("phone_area")}}, false, []string{
				"Fone → phone (header) area Área", "Área → phone_area (mapping)",
			}},
		{"area code without phone", "DDD;email", schemas.Mapping{}, false, []string{"DDD → phone_area (header)", "email → email (header)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, issues, err := MakePlan(strings.Split(tt.header, ";"), nil, tt.mapping, !tt.attended)
			if err != nil || len(issues) > 0 {
				t.Fatalf("MakePlan: %v, %+v", err, issues)
			}
			if diff := cmp.Diff(tt.want, planLines(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMakePlanRefuses(t *testing.T) {
	t.Parallel()
	columns := func(pairs ...string) schemas.Mapping {
		m := schemas.Mapping{Columns: map[string]schemas.ColumnTarget{}}
		for i := 0; i < len(pairs); i += 2 {
			m.Columns[pairs[i]] = schemas.ColumnTarget{Field: pairs[i+1]}
		}
		return m
	}
	for _, tt := range []struct {
		name, header string
		mapping      schemas.Mapping
		want         []string // code names detail
	}{
		{"nothing identifies", "nome;cidade", schemas.Mapping{}, []string{"MAPPING_NO_IDENTIFIER"}},
		{"column unknown", "email", columns("Fone", "phone", "Tel", "phone"), []string{"MAPPING_COLUMN_UNKNOWN Fone,Tel"}},
		{"field unknown", "email;x", columns("x", "fone"), []string{"MAPPING_INVALID x"}},
		{"target twice", "email;a;b", columns("a", "name", "b", "name"), []string{"MAPPING_TARGET_TWICE a,b name"}},
		{"extra twice", "email;a;b", columns("a", "extra.x", "b", "extra.x"), []string{"MAPPING_TARGET_TWICE a,b extra.x"}},
		{"one name, two columns", "email;a;a", columns("a", "name"), []string{"FILE_HEADER_DUPLICATE a"}},
		{"all at once", "a;a;b", columns("a", "city", "b", "nothing", "c", "email"),
			[]string{"MAPPING_COLUMN_UNKNOWN c", "MAPPING_INVALID b", "FILE_HEADER_DUPLICATE a", "MAPPING_NO_IDENTIFIER"}},
		{"constant and column", "email;a", schemas.Mapping{Columns: columns("a", "source").Columns, Set: map[string]string{"source": "x"}},
			[]string{"MAPPING_TARGET_TWICE source,a source"}},
		{"constant of an unknown field", "email", schemas.Mapping{Set: map[string]string{"origin": "x"}}, []string{"MAPPING_INVALID origin"}},
		{"constant that is no date", "email", schemas.Mapping{Set: map[string]string{"birthday": "ontem"}}, []string{"MAPPING_INVALID birthday"}},
		{"constant that names everybody the same", "email", schemas.Mapping{Set: map[string]string{"phone": "51999991234"}}, []string{"MAPPING_INVALID phone"}},
		{"first column is no identifier", "nome;email", schemas.Mapping{Options: schemas.Options{FirstColumnIdentifies: true}},
			[]string{"FILE_FIRST_COLUMN_NOT_IDENTIFIER nome"}},
		{"no columns at all", "", schemas.Mapping{}, []string{"MAPPING_NO_IDENTIFIER"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, issues, err := MakePlan(strings.Split(tt.header, ";"), nil, tt.mapping, true)
			var got []string
			for _, i := range issues {
				got = append(got, strings.TrimSpace(i.Code+" "+strings.Join(i.Names, ",")+" "+i.Detail))
				if c, known := schemas.CodeByName(i.Code); !known || c.Level != schemas.LevelFile || i.Severity != c.Severity {
					t.Errorf("%s with severity %s is not in the catalogue", i.Code, i.Severity)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
			if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != issues[0].Code {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestColumnsOfOneNameMayFeedAFieldThatTakesSeveral(t *testing.T) {
	t.Parallel()
	m := schemas.Mapping{Columns: map[string]schemas.ColumnTarget{"fone": {Field: "phone"}, "obs": {Field: "ignore"}}}
	p, issues, err := MakePlan([]string{"fone", "fone", "obs", "obs"}, nil, m, true)
	if err != nil || len(issues) > 0 {
		t.Fatalf("MakePlan: %v, %+v", err, issues)
	}
	if diff := cmp.Diff([]string{"fone → phone (mapping)", "fone → phone (mapping)", "obs →  (ignored)", "obs →  (ignored)"}, planLines(p)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestMakePlanKeepsFiftyExtras(t *testing.T) {
	t.Parallel()
	header := []string{"email"}
	for i := range 1999 {
		header = append(header, fmt.Sprintf("coluna %d x", i))
	}
	p, _, err := MakePlan(header, nil, schemas.Mapping{}, true)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	for _, c := range p.Columns {
		reasons[c.Reason]++
	}
	if diff := cmp.Diff(map[string]int{"header": 1, "extra": 50, "limit": 1949}, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestEveryColumnIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfN(rapid.SampledFrom([]string{
			"email", "Telefone", "Telefone 2", "Nome", "nome", "Sobrenome", "id", "", "Cor", "DDD", "Número", "Rua", "bateia_id", "bateia_row", "Obs", "Contato", "CPF", "CNPJ",
		}), 1, 12).Draw(t, "header")
		m := schemas.Mapping{Rest: rapid.SampledFrom([]string{"", "auto", "extra", "ignore"}).Draw(t, "rest")}
		p, _, _ := MakePlan(header, nil, m, rapid.Bool().Draw(t, "unattended"))
		fed := map[string]int{}
		for i, c := range p.Columns {
			if c.Position != i || c.Name != header[i] || c.Reason == "" || c.Imported != (c.Field != "") {
				t.Fatalf("column %d is %+v", i, c)
			}
			fed[c.Field]++
		}
		for field, n := range fed {
			f, standard := schemas.FieldByName(field)
			if n > 1 && field != "" && !f.Several && !(standard && f.Type == schemas.TypeHelper) {
				t.Fatalf("%d columns feed %s", n, field)
			}
		}
	})
}

// Every header row of the corpus must map by itself, in the presence of the
// others of its export.
func TestExportsOfTheCorpusMapByThemselves(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/corpora/importers/ptbr-headers/headers.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/corpora is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Exports map[string]map[string][]string `json:"exports"`
		Google  string                         `json:"google_contacts_csv_header_old"`
	}
	if err := json.Unmarshal(raw, &corpus); err != nil {
		t.Fatal(err)
	}
	for export, kinds := range corpus.Exports {
		var header []string
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			header = append(header, kinds[kind]...)
		}
		p, issues, err := MakePlan(header, nil, schemas.Mapping{}, true)
		if err != nil || len(issues) > 0 {
			t.Errorf("%s: %v, %+v", export, err, issues)
		}
		named := map[string]bool{}
		for _, c := range p.Columns {
			named[c.Field] = true
			if !c.Imported {
				t.Errorf("%s: %q is not imported (%s)", export, c.Name, c.Reason)
			}
		}
		if !named["phone"] || !named["email"] || !named["name"] && !named["first_name"] {
			t.Errorf("%s: no phone, e-mail or name: %q", export, planLines(p))
		}
	}
	p, _, err := MakePlan(strings.Split(corpus.Google, ","), nil, schemas.Mapping{}, true)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range p.Columns {
		if _, extra := schemas.IsExtra(c.Field); !extra {
			got[c.Name] = c.Field
		}
	}
	if diff := cmp.Diff(map[string]string{
		"Name": "name", "Given Name": "first_name", "Family Name": "last_name", "Birthday": "birthday", "Occupation": "job_title",
		"Notes": "notes", "Group Membership": "tags", "E-mail 1 - Value": "email", "Phone 1 - Value": "phone",
	}, got); diff != "" {
		t.Errorf("Google Contacts (-want +got):\n%s", diff)
	}
}
