package omie_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

const (
	appKey = "1234567890"
	secret = "0123456789abcdef0123456789abcdef"
)

// bench is a simulator over HTTP and a client of it.
type bench struct {
	sim    *omietest.Server
	app    *omietest.App
	client *omie.Client
	keys   omie.Credentials
}

// setup starts a simulator in which a minute passes in 60 ms, and fails the test
// when a limit was broken.
func setup(t *testing.T, o omietest.Options) *bench {
	t.Helper()
	if o.Scale == 0 {
		o.Scale = 1000
	}
	b := &bench{sim: omietest.New(o)}
	b.app = b.sim.AddApp(appKey, secret)
	server := httptest.NewServer(b.sim)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if broken := b.sim.Violations(); len(broken) > 0 {
			t.Errorf("limits were broken: %q", broken)
		}
	})
	b.client = &omie.Client{URL: server.URL + "/api/v1", Gate: &omietest.Gate{Server: b.sim}, Timeout: 10 * time.Second}
	b.keys = pair(t, appKey, secret)
	return b
}

func pair(t *testing.T, key, secret string) omie.Credentials {
	t.Helper()
	k, err := omie.ParseCredentials(key, secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// all reads a list from the first page to the last.
func (b *bench) all(t *testing.T, size int) (ids []int64, pages int) {
	t.Helper()
	for page := 1; ; page++ {
		p, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: page, PageSize: size})
		if err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
		for _, c := range p.Rows {
			ids = append(ids, int64(c.ID))
		}
		if page >= p.Pages {
			return ids, page
		}
	}
}

func TestPagesUnderASilentCap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ limit, pages int }{{500, 3}, {100, 11}, {50, 21}} {
		t.Run(fmt.Sprint(tt.limit), func(t *testing.T) {
			t.Parallel()
			b := setup(t, omietest.Options{PageCap: tt.limit})
			b.sim.Generate(b.app, 1007)
			ids, pages := b.all(t, 500)
			slices.Sort(ids)
			if ids = slices.Compact(ids); len(ids) != 1007 || pages != tt.pages {
				t.Errorf("%d customers on %d pages, want 1007 on %d", len(ids), pages, tt.pages)
			}
		})
	}
}

func TestRecordsAreRead(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{})
	id := b.sim.Put(b.app, omietest.Record{
		"razao_social": "Padaria Ação Ltda", "telefone1_ddd": 51, "telefone1_numero": "98765-4321", "email": " ana@exemplo.com.br; NFE@exemplo.com.br ",
		"cidade": "CANOAS (RS)", "pessoa_fisica": "N", "inativo": "S", "cnpj_cpf": "", "codigo_cliente_integracao": "",
		"tags":            []any{map[string]any{"tag": "Cliente"}, map[string]any{"tag": "VIP"}},
		"caracteristicas": []any{map[string]any{"campo": "Porte", "conteudo": "ME"}},
		"recomendacoes":   map[string]any{"codigo_vendedor": "77"}, "cDesStatus": "new to everybody",
	})
	p, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Rows[0]
	got := []any{int64(c.ID), c.LegalName, c.Phone1Area, c.Phone1, c.Email, c.City, c.Inactive.Yes(), c.Document, c.Tags[1].Tag, c.Traits[0].Value, int64(c.Advice.Seller)}
	want := []any{id, omie.Text("Padaria Ação Ltda"), omie.Text("51"), omie.Text("98765-4321"), omie.Text("ana@exemplo.com.br; NFE@exemplo.com.br"),
		omie.Text("CANOAS (RS)"), true, omie.Text(""), omie.Text("VIP"), omie.Text("ME"), int64(77)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("customer mismatch (-want +got):\n%s", diff)
	}
	one, err := b.client.Customer(t.Context(), b.keys, id)
	if err != nil || one.LegalName != c.LegalName {
		t.Errorf("single look-up: %v, %q", err, one.LegalName)
	}
	b.sim.PutSeller(b.app, 77, "Bia", "bia@exemplo.com.br")
	sellers, err := b.client.Sellers(t.Context(), b.keys, 1, 50)
	if err != nil || len(sellers.Rows) != 1 || sellers.Rows[0].ID != 77 {
		t.Errorf("sellers: %v, %+v", err, sellers.Rows)
	}
	brief, err := b.client.Briefs(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50})
	if err != nil || int64(brief.Rows[0].ID) != id || brief.Total != 1 {
		t.Errorf("short list: %v, %+v", err, brief)
	}
}

func TestChangesSinceAndByID(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{Scale: 10_000}) // a second of Omie's passes in 100 µs
	b.sim.Generate(b.app, 3)
	since := b.sim.Now().Add(2 * time.Second)
	for b.sim.Now().Before(since.Add(2 * time.Second)) {
	}
	changed := b.sim.Put(b.app, omietest.Record{"codigo_cliente_omie": int64(4_000_002), "cidade": "ESTEIO (RS)"})
	p, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50, Since: since})
	if err != nil || len(p.Rows) != 1 || int64(p.Rows[0].ID) != changed || p.Rows[0].City != "ESTEIO (RS)" || p.Rows[0].LegalName == "" {
		t.Errorf("since: %v, %+v", err, p.Rows)
	}
	p, err = b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50, IDs: []int64{4_000_003, 4_000_001}})
	if err != nil || len(p.Rows) != 2 {
		t.Errorf("by id: %v, %d customers", err, len(p.Rows))
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault omietest.Fault
		class omie.Class
		wait  time.Duration
		kind  pipeline.Kind
		code  string
	}{
		{"nothing on the page", omietest.NoRecords(1), omie.ClassEmpty, 0, pipeline.KindTransient, ""},
		{"redundant, with a countdown", omietest.Redundant(37), omie.ClassRedundant, 38 * time.Second, pipeline.KindBusy, ""},
		{"redundant, an older spelling", omietest.Fault{Status: 500, Code: "SOAP-ENV:Client-8020", Text: "ERROR: Consumo redundante. Tente após 14:32:10"}, omie.ClassRedundant, time.Minute, pipeline.KindBusy, ""},
		{"blocked", omietest.Blocked(1700), omie.ClassBlocked, 1701 * time.Second, pipeline.KindBusy, "OMIE_BLOCKED"},
		{"blocked, without a body", omietest.Fault{Status: 425}, omie.ClassBlocked, 30 * time.Minute, pipeline.KindBusy, "OMIE_BLOCKED"},
		{"still running", omietest.Fault{Status: 500, Code: "SOAP-ENV:Client-1880", Text: "ERROR: Já existe uma requisição desse método sendo executada"}, omie.ClassRunning, 10 * time.Second, pipeline.KindBusy, ""},
		{"too many", omietest.Fault{Status: 429}, omie.ClassTooMany, 20 * time.Second, pipeline.KindBusy, ""},
		{"the key", omietest.BadKey, omie.ClassKey, 0, pipeline.KindPermanent, "OMIE_AUTH"},
		{"a tag that is none", omietest.Fault{Status: 500, Code: "SOAP-ENV:Client-5001", Text: "ERROR: Tag [X] não faz parte"}, omie.ClassRequest, 0, pipeline.KindPermanent, "OMIE_UNEXPECTED"},
		{"a broken response", omietest.Broken, omie.ClassBroken, 0, pipeline.KindTransient, ""},
		{"HTML", omietest.HTML502, omie.ClassTransient, 0, pipeline.KindTransient, ""},
		{"cut JSON with status 200", omietest.CutJSON, omie.ClassBroken, 0, pipeline.KindTransient, ""},
		{"nothing at all", omietest.NoAnswer, omie.ClassTransient, 0, pipeline.KindTransient, ""},
		{"nobody described it", omietest.Fault{Status: 500, Code: "SOAP-ENV:Client-99", Text: `ERROR: o cliente "Ana Lima" [123] ana@exemplo.com.br 51987654321`}, omie.ClassUnknown, 0, pipeline.KindPermanent, "OMIE_UNEXPECTED"},
	} {
		for _, always200 := range []bool{false, true} {
			if always200 && tt.fault.Code == "" {
				continue
			}
			t.Run(fmt.Sprintf("%s, 200 %v", tt.name, always200), func(t *testing.T) {
				t.Parallel()
				b := setup(t, omietest.Options{Faults200: always200})
				b.sim.Fail("ListarClientes", 0, tt.fault)
				_, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50})
				var f *omie.Fault
				if !errors.As(err, &f) || f.Class != tt.class || f.Wait != tt.wait {
					t.Fatalf("fault %+v of %v, want %s after %v", f, err, tt.class, tt.wait)
				}
				if kind, code := pipeline.KindOf(err), pipeline.CodeOf(err); kind != tt.kind || code != tt.code {
					t.Errorf("kind %s, code %q, want %s, %q", kind, code, tt.kind, tt.code)
				}
				for _, canary := range []string{secret, "Ana", "Lima", "exemplo.com.br", "987654321", "123"} {
					if strings.Contains(err.Error(), canary) {
						t.Errorf("the error says %q: %v", canary, err)
					}
				}
			})
		}
	}
}

// The same call waits until Omie takes it again.
func TestTheSameCallWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{})
	b.sim.Generate(b.app, 1)
	for range 3 {
		if _, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50}); err != nil {
			t.Fatal(err)
		}
	}
	calls := b.sim.Calls()
	if len(calls) != 3 || calls[2].At.Sub(calls[0].At) < 2*time.Minute {
		t.Errorf("calls %+v", calls)
	}
}

// After six errors in a row nobody calls for a while, and the tenth never comes.
func TestTheCircuitOpens(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{Scale: 200}) // it is open for a second and a half
	b.sim.Generate(b.app, 5000)
	b.client.Gate.(*omietest.Gate).Patience = 2 * time.Minute
	broken := slices.Repeat([]omietest.Fault{omietest.Broken}, 30)
	b.sim.Fail("ListarClientes", 0, broken...)
	busy := 0
	for page := 1; page <= 40; page++ {
		_, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: page, PageSize: 50})
		if pipeline.KindOf(err) == pipeline.KindBusy {
			busy++
		}
	}
	if calls := len(b.sim.Calls()); calls != 6 || busy != 34 {
		t.Errorf("%d calls, %d turned away; want 6 and 34", calls, busy)
	}
}

func TestABlockEndsTheCalls(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{Scale: 10_000})
	b.sim.Generate(b.app, 5)
	b.sim.Fail("ListarClientes", 0, omietest.Blocked(1800))
	began := b.sim.Now()
	if _, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 1, PageSize: 50}); pipeline.CodeOf(err) != "OMIE_BLOCKED" {
		t.Fatal(err)
	}
	if _, err := b.client.Customers(t.Context(), b.keys, omie.ListRequest{Page: 2, PageSize: 2}); err != nil {
		t.Fatal(err)
	}
	if took := b.sim.Now().Sub(began); took < 30*time.Minute {
		t.Errorf("called again after %v", took)
	}
}

// Two callers of one key and method take turns.
func TestCallersTakeTurns(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{Scale: 100})
	b.sim.Generate(b.app, 2000)
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for n := range errs {
		wait.Go(func() {
			for page := range 5 {
				_, err := b.client.Customers(context.Background(), b.keys, omie.ListRequest{Page: 5*n + page + 1, PageSize: 50})
				errs[n] = errors.Join(errs[n], err)
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestWrongPairIsOneCall(t *testing.T) {
	t.Parallel()
	b := setup(t, omietest.Options{})
	other := pair(t, appKey, strings.Repeat("f", 32))
	_, err := b.client.Customers(t.Context(), other, omie.ListRequest{Page: 1, PageSize: 1})
	if pipeline.CodeOf(err) != "OMIE_AUTH" || len(b.sim.Calls()) != 1 || strings.Contains(err.Error(), "ffff") {
		t.Errorf("%v after %d calls", err, len(b.sim.Calls()))
	}
}

func TestASecretShowsNowhere(t *testing.T) {
	t.Parallel()
	k := pair(t, " 1234567890\n", " 0123456789ABCDEF0123456789abcdef ")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pair", k)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %s", k, k, k, k), fmt.Sprintf("%+v", struct{ K omie.Credentials }{k}), log.String()} {
		if strings.Contains(strings.ToLower(text), "0123456789abcdef") || strings.Contains(text, appKey) {
			t.Errorf("shown: %s", text)
		}
	}
	for _, bad := range [][2]string{{"", secret}, {"12a", secret}, {appKey, secret[1:]}, {appKey, strings.Repeat("g", 32)}} {
		_, err := omie.ParseCredentials(bad[0], bad[1])
		if pipeline.CodeOf(err) != "OMIE_AUTH" || strings.Contains(err.Error(), "cdef") {
			t.Errorf("ParseCredentials(%q) = %v", bad, err)
		}
	}
}

// A redirect is an answer that is not understood: the secret goes nowhere else.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(elsewhere.Close)
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(here.Close)
	sim := omietest.New(omietest.Options{})
	c := &omie.Client{URL: here.URL, Gate: &omietest.Gate{Server: sim}}
	_, err := c.Customers(t.Context(), pair(t, appKey, secret), omie.ListRequest{Page: 1, PageSize: 1})
	if err == nil || called {
		t.Errorf("error %v, the other server was called: %v", err, called)
	}
}
