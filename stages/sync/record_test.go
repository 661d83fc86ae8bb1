package sync

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/schemas"
)

func parse(t testing.TB, text string) (c omie.Customer) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// cellsOf are the cells of a customer that are not empty, by column.
func cellsOf(c *omie.Customer) map[string]string {
	out := map[string]string{}
	for i, cell := range strings.Split(newEntry(c, "matriz", &schemas.SyncRequest{}, true).cells, cellMark) {
		if cell != "" && columns[i].field != "external_id" {
			out[columns[i].name] = cell
		}
	}
	return out
}

func TestCells(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, customer string
		want           map[string]string
	}{
		{"a person", `{"pessoa_fisica":"S","razao_social":"Ana Souza","nome_fantasia":"ANA SOUZA","cnpj_cpf":"529.982.247-25"}`,
			map[string]string{"nome": "Ana Souza", "pessoa_juridica": "false", "cnpj_cpf": "529.982.247-25", "nome_fantasia": "ANA SOUZA"}},
		{"a person with a trade", `{"pessoa_fisica":"S","razao_social":"Ana Souza","nome_fantasia":"Doces da Ana"}`,
			map[string]string{"nome": "Ana Souza", "empresa": "Doces da Ana", "pessoa_juridica": "false"}},
		{"a company with a contact", `{"pessoa_fisica":"N","razao_social":"Exemplo Ltda","nome_fantasia":"Exemplo","contato":"Bia"}`,
			map[string]string{"nome": "Bia", "empresa": "Exemplo Ltda", "nome_fantasia": "Exemplo", "pessoa_juridica": "true"}},
		{"a company without one", `{"pessoa_fisica":"N","razao_social":"Exemplo Ltda","nome_fantasia":"Exemplo"}`,
			map[string]string{"nome": "Exemplo", "empresa": "Exemplo Ltda", "pessoa_juridica": "true"}},
		{"it does not say what it is", `{"razao_social":"Exemplo"}`, map[string]string{"nome": "Exemplo", "empresa": "Exemplo"}},
		{"areas", `{"telefone1_ddd":"011","telefone1_numero":"3775.7888","telefone2_ddd":"","telefone2_numero":"98765-4321","fax_ddd":"51","fax_numero":" 3333-4444 "}`,
			map[string]string{"telefone1": "(11) 3775.7888", "telefone2": "98765-4321", "fax": "(51) 3333-4444"}},
		{"an area without a number", `{"telefone1_ddd":"11","telefone1_numero":""}`, map[string]string{}},
		{"abroad", `{"exterior":"S","estado":"EX","codigo_pais":"0639","telefone1_ddd":"11","telefone1_numero":"+54 11 4444-5555"}`,
			map[string]string{"codigo_pais": "AR", "telefone1": "+54 11 4444-5555"}},
		{"several addresses", `{"email":"a@x.com.br,B@x.com.br; c@x.com.br / d@x.com.br"}`,
			map[string]string{"email": "a@x.com.br", "email2": "B@x.com.br", "email3": "c@x.com.br; d@x.com.br"}},
		{"a city with its state", `{"cidade":"CAMPINAS (SP)","estado":"SP","cep":"13010-000"}`, map[string]string{"cidade": "CAMPINAS", "estado": "SP", "cep": "13010-000"}},
		{"entities", `{"razao_social":"Silva &amp; Filhos","observacao":"&quot;bom&quot;"}`, map[string]string{"nome": "Silva & Filhos", "empresa": "Silva & Filhos", "observacao": `"bom"`}},
		{"tags", `{"tags":[{"tag":"Cliente"},{"tag":"a, b"}]}`, map[string]string{"tags": "Cliente,a  b"}},
		{"numbers as text, null, unknown keys", `{"codigo_cliente_omie":"7","contato":null,"cDesStatus":"x","endereco_numero":12,"dadosBancarios":{"agencia":"1"}}`, map[string]string{"endereco_numero": "12"}},
	} {
		c := parse(t, tt.customer)
		if diff := cmp.Diff(tt.want, cellsOf(&c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, customer string
		request        schemas.SyncRequest
		known          bool
		want           bool
	}{
		{"without tags", `{}`, schemas.SyncRequest{}, false, true},
		{"a customer", `{"tags":[{"tag":"Cliente"}]}`, schemas.SyncRequest{}, false, true},
		{"a supplier", `{"tags":[{"tag":"Fornecedor"}]}`, schemas.SyncRequest{}, false, false},
		{"supplier and carrier", `{"tags":[{"tag":"fornecedor"},{"tag":"TRANSPORTADORA"}]}`, schemas.SyncRequest{}, false, false},
		{"a supplier who buys", `{"tags":[{"tag":"Fornecedor"},{"tag":"Cliente"}]}`, schemas.SyncRequest{}, false, true},
		{"one of the tags", `{"tags":[{"tag":"Fornecedor"}]}`, schemas.SyncRequest{Tags: []string{"vip", "fornecedor"}}, false, true},
		{"none of the tags", `{"tags":[{"tag":"Cliente"}]}`, schemas.SyncRequest{Tags: []string{"vip"}}, false, false},
		{"inactive", `{"inativo":"S"}`, schemas.SyncRequest{}, false, false},
		{"inactive, but asked for", `{"inativo":"S"}`, schemas.SyncRequest{IncludeInactive: true}, false, true},
		{"inactive, but known", `{"inativo":"S"}`, schemas.SyncRequest{}, true, true},
	} {
		c := parse(t, tt.customer)
		if got := wanted(&c, &tt.request, tt.known); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Characteristics become extra fields under names of their own.
func TestMappingOfTraits(t *testing.T) {
	t.Parallel()
	m, header := mapping(schemas.Mapping{List: "ERP"}, []string{"Cor favorita", "Nome fantasia", "telefone", "日本"})
	got := map[string]string{}
	for _, name := range header[len(columns):] {
		got[name] = m.Columns[name].Field
	}
	want := map[string]string{"caracteristica Cor favorita": "extra.cor_favorita", "caracteristica Nome fantasia": "extra.nome_fantasia_2",
		"caracteristica telefone": "extra.telefone", "caracteristica 日本": "ignore"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if m.List != "ERP" || len(m.Columns) != len(header) {
		t.Errorf("list %q, %d columns for %d names", m.List, len(m.Columns), len(header))
	}
}
