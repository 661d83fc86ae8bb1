package schemas

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHeaderCatalogueFitsTheFields(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for field, known := range loadHeaderCatalogue().Fields {
		if _, ok := FieldByName(field); !ok {
			t.Errorf("synonyms of %q, which is no field", field)
		}
		for _, h := range slices.Concat(known.Sure, known.Fallback, known.Likely) {
			key := FoldHeader(h)
			if key == "" {
				t.Errorf("synonym %q of %s folds to nothing", h, field)
			}
			if other := owner[key]; other != "" && other != field {
				t.Errorf("synonym %q belongs to %s and %s", h, other, field)
			}
			owner[key] = field
		}
	}
	for _, f := range Fields {
		if f.Name == "external_id" {
			continue
		}
		if got, c, ok := MatchHeader(f.Name); !ok || got != f.Name || c < HeaderSure {
			t.Errorf("MatchHeader(%q) = %q, %v, %v", f.Name, got, c, ok)
		}
	}
}

// The corpus sorts headers of real exports by what the column is; these are
// the fields that say it.
var corpusFields = map[string][]string{
	"NOME":                 {"name", "first_name"},
	"EMPRESA/APELIDO":      {"company"},
	"APELIDO":              {"company"},
	"EMAIL":                {"email", "email2", "email3"},
	"TELEFONE":             {"phone"},
	"TELEFONE COMERCIAL":   {"phone", "phone2"},
	"TELEFONE RESIDENCIAL": {"phone", "phone2"},
	"CELULAR":              {"phone", "whatsapp"},
	"FAX":                  {""},
	"RUA":                  {"street"},
	"NÚMERO":               {"street_number"},
	"COMPLEMENTO":          {"complement"},
	"BAIRRO":               {"district"},
	"CIDADE":               {"city"},
	"ESTADO":               {"state"},
	"CEP":                  {"postal_code"},
	"PAÍS":                 {"country"},
	"ANOTAÇÕES":            {"notes"},
	"WEBSITE":              {"website"},
	"DOCUMENTO FEDERAL":    {"document"},
	"DOCUMENTO ESTADUAL":   {""},
}

func TestHeadersOfRealExports(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../shared/corpora/importers/ptbr-headers/headers.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/corpora is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Exports map[string]map[string][]string `json:"exports"`
	}
	if err := json.Unmarshal(raw, &corpus); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for export, columns := range corpus.Exports {
		for kind, names := range columns {
			for _, header := range names {
				want := corpusFields[kind]
				switch {
				case header == "Razão Social":
					want = []string{"company"}
				case header == "Status":
					want = []string{"status"}
				case header == "Categorias":
					want = []string{"tags"}
				}
				field, confidence, _ := MatchHeader(header)
				if !slices.Contains(want, field) || field != "" && confidence < HeaderSure {
					t.Errorf("%s: MatchHeader(%q) = %q (%.2f), want one of %q", export, header, field, confidence, want)
				}
				checked++
			}
		}
	}
	if checked < 70 {
		t.Errorf("checked only %d headers", checked)
	}
}

func TestMatchHeader(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header, want string
		sure               bool
	}{
		{"accents lost", "TELEFONE DE CONTATO", "phone", true},
		{"decomposed accent", "Razão Social", "company", true},
		{"required mark", "Nome *", "name", true},
		{"with its unit", "E-mail:", "email", true},
		{"camel case", "firstName", "first_name", true},
		{"snake case", "phone_number", "phone", true},
		{"byte order mark left over", "\ufeffnome", "name", true},
		{"number attached", "telefone2", "phone2", true},
		{"number in front", "2º telefone", "phone2", true},
		{"Google's value", "Phone 1 - Value", "phone", true},
		{"Google's third value", "E-mail 3 - Value", "email3", true},
		{"Google's type", "Phone 1 - Type", "", false},
		{"Google's label", "E-mail 1 - Label", "", false},
		{"Google's second address", "Address 2 - City", "", false},
		{"Google's phonetic name", "Given Name Yomi", "", false},
		{"second name", "Nome 2", "", false},
		{"area code and number in one", "DDD/Telefone", "phone", true},
		{"two names of one thing", "Fone/Celular", "phone", true},
		{"two names of one thing and words between", "Tel. ou Whats com DDD", "phone", true},
		{"names of two things", "Telefone/E-mail", "", false},
		{"a name and a word that is none", "Celular antigo", "", false},
		{"only words between", "e ou", "", false},
		{"more phones than fields", "Phone 7 - Value", "phone", true},
		{"two numbers", "telefone 1 2", "", false},
		{"second mobile messenger", "WhatsApp 2", "phone", true},
		{"HubSpot mobile", "Mobile Phone Number", "phone", true},
		{"HubSpot stage", "Lifecycle Stage", "lifecycle", true},
		{"HubSpot in Spanish", "Propietario del contacto", "owner", true},
		{"HubSpot record", "Record ID - Contact", "external_id", false},
		{"RD Station", "Estágio no funil", "lifecycle", true},
		{"Bling document", "CNPJ / CPF", "document", true},
		{"Bling father's document", "CPF pai", "", false},
		{"Bling kind of person", "Tipo pessoa", "is_company", true},
		{"Omie trade name", "Nome Fantasia", "company", true},
		{"Zendesk Sell company", "organization_name", "company", true},
		{"Kommo qualifier", "Telefone comercial (contato)", "phone", true},
		{"qualified city", "Cidade do cliente", "city", true},
		{"company's phone", "Telefone da empresa", "phone", true},
		{"company's name", "Nome da empresa", "company", true},
		{"customer's number is no house number", "Número do cliente", "external_id", false},
		{"contact's number is no house number", "Número de contato", "phone", true},
		{"foreign id", "id", "external_id", false},
		{"foreign id under our name", "external_id", "external_id", false},
		{"our own id", "bateia_id", "bateia_id", true},
		{"looks like our own id", "Bateia ID", "", false},
		{"looks like our own id too", "id_bateia", "", false},
		{"area code", "DDD", "phone_area", true},
		{"second area code", "DDD 2", "phone2_area", true},
		{"Argentine document", "CUIT", "document", true},
		{"Mexican state", "Estado/Provincia", "state", true},
		{"nothing known", "Cor favorita", "", false},
		{"state registration", "Inscrição Estadual", "", false},
		{"fax", "Fax comercial", "", false},
		{"date of a contact", "Data do contato", "", false},
		{"customer since", "Cliente desde", "", false},
		{"empty", "", "", false},
		{"only punctuation", " - ", "", false},
		{"only a number", "2", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			field, confidence, ok := MatchHeader(tt.header)
			if field != tt.want || ok != (tt.want != "") || (confidence >= HeaderSure) != tt.sure {
				t.Errorf("MatchHeader(%q) = %q, %.2f, %v; want %q, sure %v", tt.header, field, confidence, ok, tt.want, tt.sure)
			}
		})
	}
}

func TestMatchHeaderIgnoresSpelling(t *testing.T) {
	t.Parallel()
	var known []string
	for _, f := range loadHeaderCatalogue().Fields {
		known = append(known, f.Sure...)
	}
	slices.Sort(known)
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SampledFrom(known).Draw(t, "header")
		want, _, _ := MatchHeader(header)
		spelled := rapid.SampledFrom([]func(string) string{
			strings.ToUpper, strings.ToLower, strings.TrimSpace,
			func(s string) string { return " " + s + "\u00a0" },
			func(s string) string { return strings.ReplaceAll(s, " ", "_") },
			func(s string) string { return strings.ReplaceAll(s, " ", " - ") },
		}).Draw(t, "spelling")(header)
		if got, _, _ := MatchHeader(spelled); got != want {
			t.Errorf("MatchHeader(%q) = %q, but %q names %q", spelled, got, header, want)
		}
	})
}

func FuzzMatchHeader(f *testing.F) {
	for _, h := range []string{"Telefone 2", "bateia_id", "\xff\xfe", "99999999999999999999"} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, header string) {
		field, confidence, ok := MatchHeader(header)
		if ok != (field != "") || confidence < 0 || confidence > 1 {
			t.Errorf("MatchHeader = %q, %v, %v", field, confidence, ok)
		}
		if _, known := FieldByName(field); ok && !known {
			t.Errorf("MatchHeader names %q, which is no field", field)
		}
	})
}
