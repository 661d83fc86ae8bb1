package erase

import (
	"strings"
	"testing"

	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

func TestMatcher(t *testing.T) {
	t.Parallel()
	m := New(schemas.Person{
		Named: []schemas.Identity{{Kind: identity.Phone, Value: "+5551987651234"}},
		Known: []schemas.Identity{
			{Kind: identity.Email, Value: "ana@exemplo.com.br"}, {Kind: identity.Document, Value: "04815162395"},
			{Kind: identity.Instagram, Value: "anaplanted"}, {Kind: identity.Phone, Value: "+555133334444", Shared: true},
			{Kind: identity.Phone, Value: "+5491145678901"},
		},
		Names: []string{"ana planted", "ana"},
	}, "")
	for _, tt := range []struct {
		name  string
		cells []string
		want  Match
	}{
		{"as people write it", []string{"x", "(51) 98765-1234"}, Identity},
		{"with country and blanks", []string{"+55 51 98765 1234"}, Identity},
		{"with zero and carrier", []string{"0 15 51 98765-1234"}, Identity},
		{"without the ninth digit", []string{"51 8765-1234"}, Identity},
		{"guarded for spreadsheets", []string{`="5551987651234"`}, Identity},
		{"second of two in a cell", []string{"51 3333-0000 / 51 98765-1234"}, Identity},
		{"in a remark", []string{"ligar para 51987651234 depois das 18h"}, Identity},
		{"area in another cell", []string{"51", "98765-1234"}, Identity},
		{"without area", []string{"98765-1234"}, None},
		{"another area", []string{"11", "98765-1234"}, None},
		{"another number", []string{"(51) 98765-1235"}, None},
		{"no number across cells", []string{"5198765", "1234"}, None},
		{"address in capitals", []string{"ANA@Exemplo.com.br"}, Identity},
		{"address in a sentence", []string{"e-mail: ana@exemplo.com.br."}, Identity},
		{"part of a longer address", []string{"mariana@exemplo.com.br"}, None},
		{"of a longer domain", []string{"ana@exemplo.com.br.net"}, None},
		{"document with marks", []string{"048.151.623-95"}, Identity},
		{"document that lost its zero", []string{"4815162395"}, Identity},
		{"profile", []string{"https://instagram.com/AnaPlanted"}, Identity},
		{"Argentine with 0 and 15", []string{"011 15 4567-8901"}, Identity},
		{"shared value alone", []string{"51 3333-4444", "Bia"}, None},
		{"shared value with the name", []string{"51 3333-4444", "ANA  Planted"}, Identity},
		{"name alone", []string{"Ana Planted", "51-9999"}, Name},
		{"name in two cells", []string{"Ana", "Planted"}, Name},
		{"a first name says nothing", []string{"Ana", "51-9999"}, None},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := m.Cells(tt.cells); got != tt.want {
				t.Errorf("Cells(%q) = %v, want %v", tt.cells, got, tt.want)
			}
		})
	}
	if got := m.Line("Contato da feira: Ana Planted, sala 3"); got != Name {
		t.Errorf("remark with the name: %v", got)
	}
}

func TestRedactKeepsTheShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, record, want string
		dialect            schemas.Dialect
	}{
		{"cells", "Ána;51 9;x@y\r\n", "****;****;***\r\n", schemas.Dialect{Delimiter: ";", Quote: `"`}},
		{"quoted with a line break", "\"A \"\"b\"\"\nc\",5\n", "\"**\"\"*\"\"\n*\",*\n", schemas.Dialect{Delimiter: ",", Quote: `"`}},
		{"escaped quote", `"A\"b",5`, `"*\"*",*`, schemas.Dialect{Delimiter: ",", Quote: `"`, Escape: `\`}},
		{"long delimiter", "a||b|c", "*||***", schemas.Dialect{Delimiter: "||"}},
		{"sixteen bits", "A\x00;\x005\x00\n\x00", "*\x00;\x00*\x00\n\x00", schemas.Dialect{Delimiter: ";", Encoding: "utf-16le"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := []byte(tt.record)
			Redact(got, tt.dialect)
			want := tt.want
			if tt.name == "cells" {
				want = strings.Repeat("*", len("Ána")) + ";****;***\r\n"
			}
			if string(got) != want || len(got) != len(tt.record) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
