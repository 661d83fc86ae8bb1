package omietest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

// panel is a simulator with the control API beside Omie's, as the command serves it.
type panel struct {
	sim    *omietest.Server
	client *omie.Client
	keys   omie.Credentials
	url    string
}

func controlled(t *testing.T) *panel {
	t.Helper()
	p := &panel{sim: omietest.New(omietest.Options{})}
	t.Cleanup(p.sim.Close)
	p.sim.Generate(p.sim.AddApp(appKey, secret), 3)
	mux := http.NewServeMux()
	mux.Handle("/", p.sim)
	mux.Handle("/simulator/", p.sim.Control())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	p.client = &omie.Client{URL: server.URL + "/api/v1", Gate: open{}}
	var err error
	if p.keys, err = omie.ParseCredentials(appKey, secret); err != nil {
		t.Fatal(err)
	}
	return p
}

// do makes a request and returns status and body.
func (p *panel) do(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+"/simulator/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func TestControlAnswers(t *testing.T) {
	t.Parallel()
	p := controlled(t)
	const app = "apps/" + appKey + "/"
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string // contained in the answer
	}{
		{"GET", "calls", "", 200, "[]"},
		{"GET", "violations", "", 200, "[]"},
		{"GET", "messages", "", 200, "[]"},
		{"POST", app + "customers", `{"razao_social":"Nova","codigo_cliente_omie":4000001}`, 200, `{"codigo_cliente_omie":4000004}`},
		{"PUT", app + "customers/4000001", `{"cidade":"ESTEIO (RS)"}`, 200, `{"codigo_cliente_omie":4000001}`},
		{"PUT", app + "customers/7", `{"razao_social":"Sete"}`, 200, `{"codigo_cliente_omie":7}`},
		{"DELETE", app + "customers/4000002", "", 204, ""},
		{"DELETE", app + "customers/4000002", "", 404, "no such customer"},
		{"PUT", app + "customers/x", `{}`, 400, "positive number"},
		{"PUT", app + "customers/-1", `{}`, 400, "positive number"},
		{"POST", app + "customers", `[1]`, 400, "error"},
		{"POST", app + "customers", ``, 400, "no JSON object"},
		{"POST", "apps/1/customers", `{}`, 404, "no company"},
		{"POST", "apps/1/suspend", ``, 404, "no company"},
		{"POST", app + "suspend", `{"afer":1}`, 400, "afer"},
		{"POST", app + "hooks", `{"url":"example.com/x"}`, 400, "http"},
		{"POST", "fail", `{"fault":"nonsense"}`, 400, "no such fault"},
		{"POST", "fail", `{"fault":"broken","times":0}`, 400, "out of range"},
		{"POST", "flush", ``, 204, ""},
		{"GET", "fail", ``, 405, ""},
	} {
		status, body := p.do(t, tt.method, tt.path, tt.body)
		if status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", tt.method, tt.path, tt.body, status, body, tt.status, tt.want)
		}
	}
	got := map[int64]string{}
	page, err := p.client.Customers(t.Context(), p.keys, omie.ListRequest{Page: 1, PageSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range page.Rows {
		got[int64(c.ID)] = string(c.LegalName + "/" + c.City)
	}
	want := map[int64]string{7: "Sete/", 4_000_001: "Comércio Exemplo 0 Ltda/ESTEIO (RS)", 4_000_003: "Pessoa Exemplo 2/RECIFE (PE)", 4_000_004: "Nova/"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("customers mismatch (-want +got):\n%s", diff)
	}
}

// Each fault has a name, and the call that meets it ends as it says.
func TestControlFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body string
		want omie.Class // "" for a result
		wait string
	}{
		{`{"fault":"broken"}`, omie.ClassBroken, "0s"},
		{`{"fault":"html502","method":"ListarClientes"}`, omie.ClassTransient, "0s"},
		{`{"fault":"cut","page":2}`, omie.ClassBroken, "0s"},
		{`{"fault":"bad_key"}`, omie.ClassKey, "0s"},
		{`{"fault":"redundant","seconds":12}`, omie.ClassRedundant, "13s"},
		{`{"fault":"blocked","seconds":90}`, omie.ClassBlocked, "1m31s"},
		{`{"fault":"no_records"}`, omie.ClassEmpty, "0s"},
		{`{"fault":"no_answer","seconds":0.01}`, omie.ClassTransient, "0s"},
		{`{"fault":"too_many"}`, omie.ClassTooMany, "20s"},
		{`{"fault":"previous_page"}`, "", ""},
		{`{"fault":"late","seconds":0.01}`, "", ""},
		{`{"fault":"broken","method":"ListarVendedores"}`, "", ""}, // another call
	} {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			p := controlled(t)
			if status, body := p.do(t, "POST", "fail", tt.body); status != http.StatusNoContent {
				t.Fatalf("%d %s", status, body)
			}
			page, err := p.client.Customers(t.Context(), p.keys, omie.ListRequest{Page: 2, PageSize: 1})
			class, wait := faultOf(err)
			if class != tt.want || wait != tt.wait {
				t.Errorf("ended with %v, %q, %q", err, class, wait)
			}
			if err == nil {
				again := strings.Contains(tt.body, "previous")
				if id := int64(page.Rows[0].ID); (id == 4_000_001) != again {
					t.Errorf("page 2 holds %d", id)
				}
			}
		})
	}
}

func TestControlOfMany(t *testing.T) {
	t.Parallel()
	p := controlled(t)
	ask := func(size int) error {
		_, err := p.client.Customers(t.Context(), p.keys, omie.ListRequest{Page: 1, PageSize: size})
		return err
	}
	l := listen(t, nil)
	for _, step := range []struct{ path, body string }{
		{"apps/" + appKey + "/suspend", `{"after":1,"calls":1}`},
		{"apps/" + appKey + "/hooks", `{"url":"` + l.url + `"}`},
		{"flush", ""},
	} {
		if status, body := p.do(t, "POST", step.path, step.body); status != http.StatusNoContent {
			t.Errorf("%s: %d %s", step.path, status, body)
		}
	}
	for n, refused := range []bool{false, true, false} {
		if err := ask(n + 1); (pipeline.CodeOf(err) == "OMIE_AUTH") != refused {
			t.Errorf("call %d: %v", n, err)
		}
	}
	p.do(t, "POST", "apps/"+appKey+"/suspend", "")
	if err := ask(4); pipeline.CodeOf(err) != "OMIE_AUTH" {
		t.Errorf("suspended: %v", err)
	}
	p.do(t, "POST", "apps/"+appKey+"/resume", "")
	if err := ask(4); err == nil {
		t.Error("the same call within a minute was answered")
	}
	var calls []omietest.Call
	var broken []string
	var messages []omietest.Message
	for path, into := range map[string]any{"calls": &calls, "violations": &broken, "messages": &messages} {
		_, body := p.do(t, "GET", path, "")
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(calls) != 5 || calls[1].Fault != "SOAP-ENV:Server" || calls[0].Method != "ListarClientes" || calls[0].At.IsZero() {
		t.Errorf("calls %+v", calls)
	}
	if len(broken) != 1 || !strings.Contains(broken[0], "the same call after") {
		t.Errorf("violations %q", broken)
	}
	if len(messages) != 1 || messages[0].Status != http.StatusOK || messages[0].URL != l.url {
		t.Errorf("messages %+v", messages)
	}
}

// faultOf returns class and wait of a call's fault, "" for none.
func faultOf(err error) (omie.Class, string) {
	if f, ok := errors.AsType[*omie.Fault](err); ok {
		return f.Class, f.Wait.String()
	}
	return "", ""
}
