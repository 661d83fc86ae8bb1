package schemas

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMapping(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       Mapping
	}{
		{"empty", "", Mapping{}},
		{"only a comment", "# nothing\n", Mapping{}},
		{
			"everything, behind a byte order mark", "\ufeff" + `
columns:
  Telefone Celular: phone
  Aniversário: {field: birthday, type: date, format: dd/mm/yyyy}
  Código: {field: external_id, system: nectar}
  Temperatura: {field: status, values: {Quente: hot, Frio: cold}}
  Cor favorita: {field: extra.favorite_color, type: text}
  2024: ignore
rest: auto
set: {source: Feira 2024, owner: "distribution:Sul", extra.year: 2024}
list: feira
tags: [feira-2024]
mode: upsert
options: {default_area_code: 051, blank: keep, strict_formats: false, plan_only: true, delimiter: ";", quote: none, escape: \, comment: "#", header: "yes", header_line: 3}
`,
			Mapping{
				Columns: map[string]ColumnTarget{
					"Telefone Celular": {Field: "phone"},
					"Aniversário":      {Field: "birthday", Type: "date", Format: "dd/mm/yyyy"},
					"Código":           {Field: "external_id", System: "nectar"},
					"Temperatura":      {Field: "status", Values: map[string]string{"Quente": "hot", "Frio": "cold"}},
					"Cor favorita":     {Field: "extra.favorite_color", Type: "text"},
					"2024":             {Field: "ignore"},
				},
				Rest: "auto", Set: map[string]string{"source": "Feira 2024", "owner": "distribution:Sul", "extra.year": "2024"},
				List: "feira", Tags: []string{"feira-2024"}, Mode: ModeUpsert,
				Options: Options{
					DefaultAreaCode: "051", Blank: "keep", PlanOnly: true,
					Delimiter: ";", Quote: "none", Escape: `\`, Comment: "#", Header: "yes", HeaderLine: 3,
				},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMapping([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mapping mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMappingRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "colums: {A: phone}", "colums"},
		{"unknown key of a column", "columns: {A: {feild: phone}}", "feild"},
		{"unknown field", "columns: {A: fone}", `"fone"`},
		{"column without field", "columns: {A: {type: date}}", `""`},
		{"extra field with blanks", "columns: {A: extra.Cor Favorita}", "extra"},
		{"unknown type", "columns: {A: {field: extra.a, type: money}}", "money"},
		{"set of an unknown field", "set: {nome: Ana}", `"nome"`},
		{"unknown mode", "mode: replace", "replace"},
		{"unknown rest", "rest: keep", "rest"},
		{"unknown option", "options: {dedupe: false}", "dedupe"},
		{"option with another value", "options: {blank: erase}", "blank"},
		{"header that is neither", "options: {header: maybe}", "header"},
		{"line of the header below one", "options: {header_line: -1}", "header_line"},
		{"area code with letters", "options: {default_area_code: RS}", "digits"},
		{"one column twice", "columns: {A: phone, A: email}", "already defined"},
		{"no mapping at all", "- phone", "mapping"},
		{"not YAML", "a: [", "mapping"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseMapping([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseMapping(%q) = %v, want an error about %s", tt.text, err, tt.want)
			}
		})
	}
}

func TestMappingOverride(t *testing.T) {
	t.Parallel()
	folder := Mapping{
		Columns: map[string]ColumnTarget{"A": {Field: "phone"}, "B": {Field: "name"}}, List: "pasta", Tags: []string{"x"},
		Options: Options{Blank: "clear"},
	}
	file := Mapping{Columns: map[string]ColumnTarget{"B": {Field: "company"}}, Set: map[string]string{"source": "S"}, Mode: ModeInsert,
		Options: Options{Quote: "'", Escape: "none", Comment: "%", Header: "yes", HeaderLine: 2}}
	want := Mapping{
		Columns: map[string]ColumnTarget{"A": {Field: "phone"}, "B": {Field: "company"}}, List: "pasta", Tags: []string{"x"},
		Set: map[string]string{"source": "S"}, Mode: ModeInsert,
		Options: Options{Blank: "clear", Quote: "'", Escape: "none", Comment: "%", Header: "yes", HeaderLine: 2},
	}
	if diff := cmp.Diff(want, folder.Override(file)); diff != "" {
		t.Errorf("mapping mismatch (-want +got):\n%s", diff)
	}
	if folder.Columns["B"].Field != "name" {
		t.Error("overriding changed the mapping below")
	}
}

func TestMappingFromMetadata(t *testing.T) {
	t.Parallel()
	got, err := MappingFromMetadata(map[string]string{
		"bateia-list": "feira", "bateia-tags": "a, b,", "bateia-set-source": "Feira: 2024", "bateia-default-area-code": "51",
		"bateia-plan-only": "true", "owner": "somebody else's",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Mapping{
		List: "feira", Tags: []string{"a", "b"}, Set: map[string]string{"source": "Feira: 2024"},
		Options: Options{DefaultAreaCode: "51", PlanOnly: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mapping mismatch (-want +got):\n%s", diff)
	}
	if got, err := MappingFromMetadata(map[string]string{"etag": "x"}); err != nil || cmp.Diff(Mapping{}, got) != "" {
		t.Errorf("metadata of others gives %+v, %v", got, err)
	}
	if _, err := MappingFromMetadata(map[string]string{"bateia-lst": "feira"}); err == nil {
		t.Error("a misspelt name is taken")
	}
}
