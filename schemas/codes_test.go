package schemas

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryCodeHasSentenceAndRemedyInEveryLocale(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range Codes() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if twice := slices.Compact(slices.Clone(names)); len(twice) != len(names) {
		t.Errorf("a code stands twice in the catalogue")
	}
	for _, locale := range Locales {
		if diff := cmp.Diff(names, codesWithText(locale)); diff != "" {
			t.Errorf("texts of %s do not fit the catalogue (-catalogue +texts):\n%s", locale, diff)
		}
		for code, text := range codeTexts()[locale] {
			for detail := range codeTexts()[Locales[0]][code].Details {
				if text.Details[detail].Text == "" {
					t.Errorf("%s in %s: detail %s has no text", code, locale, detail)
				}
				args := Args{Count: 2, Detail: detail}
				checkText(t, code, locale, Sentence(code, locale, args))
				checkText(t, code, locale, Remedy(code, locale, args))
			}
		}
		for _, name := range names {
			for _, args := range [][]Args{
				nil,
				{{Count: 1, Names: []string{"Cor"}, Detail: "x"}},
				{{Count: 12_345, Names: []string{"Cor", "Time"}, Detail: "x"}},
			} {
				checkText(t, name, locale, Sentence(name, locale, args...))
				checkText(t, name, locale, Remedy(name, locale, args...))
			}
		}
	}
}

var badText = regexp.MustCompile(`[{}\[\]]|  | [.,;:](?: |$)|//|^[^\p{Lu}\d]|\(\)|""`)

func checkText(t *testing.T, code, locale, text string) {
	t.Helper()
	if bad := badText.FindString(text); bad != "" {
		t.Errorf("%s in %s: %q in %q", code, locale, bad, text)
	}
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
		t.Errorf("%s in %s: %q is no whole sentence", code, locale, text)
	}
}

// The contract lists the codes for those who build on them; the catalogue may
// know more, never less.
func TestCatalogueHoldsTheCodesOfTheContract(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../shared/CONTRACT.md")
	if os.IsNotExist(err) {
		t.Skip("../shared/CONTRACT.md is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(raw), "\n## Codes")
	if !found {
		t.Fatal("the contract has no section Codes")
	}
	listed := regexp.MustCompile("`([A-Z]+(?:_[A-Z]+)*)`( \\(w)?").FindAllStringSubmatch(section, -1)
	if len(listed) < 60 {
		t.Fatalf("found only %d codes in the contract", len(listed))
	}
	for _, m := range listed {
		c, ok := CodeByName(m[1])
		if !ok {
			t.Errorf("%s is in the contract and not in the catalogue", m[1])
		}
		if m[2] != "" && c.Severity != SeverityWarning {
			t.Errorf("%s is a warning in the contract, %q in the catalogue", m[1], c.Severity)
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	many := make([]string, 23)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	for _, tt := range []struct {
		name, code, locale string
		args               []Args
		want               string
	}{
		{"one of a kind", "COLUMNS_NOT_IMPORTED", "en", []Args{{Count: 1, Names: []string{"Cor"}}}, "1 column was not imported: Cor."},
		{"thousands in English", "COLUMNS_NOT_IMPORTED", "en", []Args{{Count: 1234567}}, "1,234,567 columns were not imported."},
		{"thousands in Portuguese", "COLUMNS_NOT_IMPORTED", "pt-BR", []Args{{Count: 2000}}, "2.000 colunas não foram importadas."},
		{"nothing to fill in", "COLUMNS_NOT_IMPORTED", "es", nil, "Hay columnas que no se importaron."},
		{"detail left out", "FILE_NOT_CSV", "en", nil, "This is not a CSV file."},
		{"known detail", "FILE_NOT_CSV", "pt", []Args{{Detail: "zip_files", Count: 2}}, "Este arquivo não é um CSV: o conteúdo é um arquivo zip com 2 arquivos."},
		{"detail", "FILE_NOT_CSV", "en", []Args{{Detail: "an Excel workbook"}}, "This is not a CSV file: its content is an Excel workbook."},
		{"more names than anybody reads", "COLUMNS_NOT_IMPORTED", "en", []Args{{Count: 23, Names: many}}, "23 columns were not imported: a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t … (+3)."},
		{"locale unknown", "FILE_EMPTY", "ja", nil, "The file is empty."},
		{"locale of another region", "FILE_EMPTY", "es_AR", nil, "El archivo está vacío."},
		{"language alone", "FILE_EMPTY", "pt", nil, "O arquivo está vazio."},
		{"no locale", "FILE_EMPTY", "", nil, "The file is empty."},
		{"code unknown", "NEW_CODE", "en", nil, "NEW_CODE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Sentence(tt.code, tt.locale, tt.args...); got != tt.want {
				t.Errorf("Sentence(%s, %s) = %q, want %q", tt.code, tt.locale, got, tt.want)
			}
		})
	}
}

func TestFileIssueFillsItsSentence(t *testing.T) {
	t.Parallel()
	issue := FileIssue{Code: "PHONE_COUNTRY_ASSUMED", Count: 3, Detail: "BR"}
	want := "3 phones without country code were read as numbers of the account's country (BR)."
	if got := Sentence(issue.Code, "en", issue.Args()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
