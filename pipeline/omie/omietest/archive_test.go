package omietest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

const twoCompanies = `What is above the first file is for people.
-- 1234567890/0123456789abcdef0123456789abcdef/customers --
{"codigo_cliente_omie": "101", "razao_social": "Padaria Ação Ltda", "telefone1_ddd": 51, "tags": [{"tag": "Cliente"}],
 "info": {"dAlt": "01/03/2026", "hAlt": "10:00:00"}}
{"codigo_cliente_omie": 9007199254740993, "nome_fantasia": "Código grande"}

{"nome_fantasia": "Sem código"}
-- 77/0123456789abcdef0123456789abcdef/customers --
-- 1234567890/0123456789abcdef0123456789abcdef/sellers --
{"codigo": 7, "nome": "Bia", "email": "bia@exemplo.com.br"}
`

func TestLoad(t *testing.T) {
	t.Parallel()
	sim := omietest.New(omietest.Options{})
	if err := sim.Load([]byte(twoCompanies)); err != nil {
		t.Fatal(err)
	}
	if all := sim.Apps(); len(all) != 2 || all[0].Key != appKey || all[1].Key != "77" || len(sim.Customers(all[1])) != 0 {
		t.Errorf("companies %+v", all)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	k, err := omie.ParseCredentials(appKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	c := &omie.Client{URL: server.URL + "/api/v1", Gate: open{}}
	p, err := c.Customers(t.Context(), k, omie.ListRequest{Page: 1, PageSize: 50})
	if err != nil || len(p.Rows) != 3 {
		t.Fatalf("%d customers (%v)", len(p.Rows), err)
	}
	first, second, third := p.Rows[0], p.Rows[1], p.Rows[2]
	got := []any{int64(first.ID), first.LegalName, first.Phone1Area, first.Tags[0].Tag, int64(second.ID), int64(third.ID), third.TradeName}
	want := []any{int64(101), omie.Text("Padaria Ação Ltda"), omie.Text("51"), omie.Text("Cliente"), int64(9007199254740993), int64(9007199254740994), omie.Text("Sem código")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("customers mismatch (-want +got):\n%s", diff)
	}
	born := omie.Info{AddedDay: "01/03/2026", AddedHour: "10:00:00", ChangedDay: "01/03/2026", ChangedHour: "10:00:00"}
	if diff := cmp.Diff(born, first.Info); diff != "" {
		t.Errorf("info mismatch (-want +got):\n%s", diff)
	}
	since := time.Date(2026, 3, 1, 13, 0, 1, 0, time.UTC) // a second after, in Brasília's time
	if p, err = c.Customers(t.Context(), k, omie.ListRequest{Page: 1, PageSize: 50, Since: since}); err != nil || len(p.Rows) != 2 {
		t.Errorf("%d customers changed since (%v), want 2", len(p.Rows), err)
	}
	sellers, err := c.Sellers(t.Context(), k, 1, 50)
	if err != nil || len(sellers.Rows) != 1 || sellers.Rows[0].Name != "Bia" {
		t.Errorf("sellers %+v (%v)", sellers.Rows, err)
	}
}

// What cannot be read is named, and nothing of the archive is there.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const file = "-- 9/0123456789abcdef0123456789abcdef/customers --\n"
	for _, tt := range []struct{ name, archive, want string }{
		{"no archive", "{}", "no file"},
		{"a key that is none", "-- nine/0123456789abcdef0123456789abcdef/customers --\n", `company "nine"`},
		{"no secret", "-- 9/customers --\n", "secret is not 32"},
		{"another kind", strings.Replace(file, "customers", "contacts", 1), "customers or sellers"},
		{"broken JSON", file + "{\"a\": 1}\n{\"a\"", "customers of company 9: object 2"},
		{"a list", file + "[{}]", "object 1"},
		{"an id twice", file + `{"codigo_cliente_omie": 1}{"codigo_cliente_omie": "1"}`, "codigo_cliente_omie 1 comes twice"},
		{"a seller without one", strings.Replace(file, "customers", "sellers", 1) + `{"nome": "Bia"}`, "codigo is missing"},
		{"two secrets", file + strings.Replace(file, "abcdef/", "abcdee/", 1), "two secrets"},
		{"a company that is there", strings.Replace(file, "9/", appKey+"/", 1), "is there already"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := omietest.New(omietest.Options{})
			sim.AddApp(appKey, secret)
			archive := tt.archive
			if strings.HasPrefix(archive, "--") { // one company that could be loaded stands above
				archive = "-- 8/0123456789abcdef0123456789abcdef/customers --\n{}\n" + archive
			}
			err := sim.Load([]byte(archive))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if n := len(sim.Apps()); n != 1 {
				t.Errorf("%d companies, want 1", n)
			}
		})
	}
}

// Numbers keep all their digits on the way from the archive into a message.
func TestLoadedCustomersAreTold(t *testing.T) {
	t.Parallel()
	l := listen(t, nil)
	sim := omietest.New(omietest.Options{})
	t.Cleanup(sim.Close)
	if err := sim.Load([]byte(twoCompanies)); err != nil {
		t.Fatal(err)
	}
	a := sim.App(appKey)
	sim.Hook(a, l.url)
	sim.Put(a, omietest.Record{"codigo_cliente_omie": json.Number("101"), "cidade": "CANOAS (RS)"})
	flush(t, sim)
	want := map[string]any{"codigo_cliente_omie": "101", "razao_social": "Padaria Ação Ltda", "telefone1_ddd": "51", "cidade": "CANOAS (RS)",
		"tags": []any{map[string]any{"tag": "Cliente"}}}
	if diff := cmp.Diff(want, l.heard()[1].Event); diff != "" {
		t.Errorf("event mismatch (-want +got):\n%s", diff)
	}
}
