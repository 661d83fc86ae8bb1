package omietest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

const (
	appKey = "1234567890"
	secret = "0123456789abcdef0123456789abcdef"
)

// open is a gate that lets everybody through.
type open struct{}

func (open) Pass(context.Context, string, string, string) (func(*omie.Fault) error, error) {
	return func(*omie.Fault) error { return nil }, nil
}

func careless(t *testing.T, o omietest.Options) (*omietest.Server, *omie.Client, omie.Credentials) {
	t.Helper()
	sim := omietest.New(o)
	sim.Generate(sim.AddApp(appKey, secret), 3)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	k, err := omie.ParseCredentials(appKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	return sim, &omie.Client{URL: server.URL + "/api/v1", Gate: open{}}, k
}

// What a careless client does is noted, and answered as Omie would.
func TestBrokenLimitsAreNoted(t *testing.T) {
	t.Parallel()
	ask := func(c *omie.Client, k omie.Credentials, page int) error {
		_, err := c.Customers(context.Background(), k, omie.ListRequest{Page: page, PageSize: 10})
		return err
	}
	for _, tt := range []struct {
		name  string
		scale float64
		do    func(sim *omietest.Server, c *omie.Client, k omie.Credentials) error // the last call
		want  string                                                               // of the violation
		fault string                                                               // of the last call
	}{
		{"the same again", 1, func(_ *omietest.Server, c *omie.Client, k omie.Credentials) error {
			ask(c, k, 1)
			return ask(c, k, 1)
		}, "the same call after", "Client-6"},
		{"two at once", 1, func(sim *omietest.Server, c *omie.Client, k omie.Credentials) error {
			slow := omietest.Broken
			slow.Delay = 300 * time.Millisecond
			sim.Fail("ListarClientes", 1, slow)
			arrived, done := make(chan struct{}), make(chan struct{})
			sim.After(func(omietest.Call) { sim.After(nil); close(arrived) })
			go func() { ask(c, k, 1); close(done) }()
			<-arrived
			err := ask(c, k, 2)
			<-done
			return err
		}, "2 calls at once", "Client-1880"},
		{"too many", 1, func(_ *omietest.Server, c *omie.Client, k omie.Credentials) (err error) {
			for n := range 241 {
				_, err = c.Customers(context.Background(), k, omie.ListRequest{Page: 1, PageSize: 10 + n})
			}
			return err
		}, "241 calls in a minute of the key and method", "429"},
		{"too many of all", 1, func(sim *omietest.Server, c *omie.Client, _ omie.Credentials) error {
			for n := range 961 {
				key := fmt.Sprint(n / 200)
				if n%200 == 0 {
					sim.Generate(sim.AddApp(key, secret), 1)
				}
				k, err := omie.ParseCredentials(key, secret)
				if err != nil {
					return err
				}
				if _, err = c.Customers(context.Background(), k, omie.ListRequest{Page: 1, PageSize: 10 + n}); n == 960 {
					return err
				}
			}
			return nil
		}, "961 calls in a minute of all", "429"},
		{"the same again while it runs", 1, func(sim *omietest.Server, c *omie.Client, k omie.Credentials) error {
			sim.Fail("", 0, omietest.Late(300*time.Millisecond))
			arrived, done := make(chan struct{}), make(chan struct{})
			sim.After(func(omietest.Call) { sim.After(nil); close(arrived) })
			go func() { ask(c, k, 1); close(done) }()
			<-arrived
			err := ask(c, k, 1)
			<-done
			if broken := sim.Violations(); len(broken) != 2 || !strings.Contains(broken[0], "2 calls at once") {
				return fmt.Errorf("%q", broken)
			}
			return err
		}, "the same call after", "Client-1880"},
		{"inside a block that the test asked for", 1, func(sim *omietest.Server, c *omie.Client, k omie.Credentials) error {
			sim.Fail("", 0, omietest.Blocked(600))
			ask(c, k, 1)
			return ask(c, k, 2)
		}, "inside a block, 10m0s before its end", "425 MISUSE_API_PROCESS"},
		{"on and on after errors", 1, func(sim *omietest.Server, c *omie.Client, k omie.Credentials) (err error) {
			for n := range 11 {
				sim.Fail("ListarClientes", n+1, omietest.Broken)
				err = ask(c, k, n+1)
			}
			return err
		}, "inside a block", "425 MISUSE_API_PROCESS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim, c, k := careless(t, omietest.Options{Scale: tt.scale})
			err := tt.do(sim, c, k)
			if broken := strings.Join(sim.Violations(), "; "); !strings.Contains(broken, tt.want) {
				t.Errorf("noted %q, want %q", broken, tt.want)
			}
			if tt.fault == "" && err != nil || !strings.Contains(fmt.Sprint(err), tt.fault) {
				t.Errorf("answered %v, want %q", err, tt.fault)
			}
		})
	}
}

// A call that was refused was not heard: it may be made again at once.
func TestRefusedCallsAreNotHeard(t *testing.T) {
	t.Parallel()
	sim, c, k := careless(t, omietest.Options{})
	sim.Fail("", 1, omietest.Late(300*time.Millisecond))
	arrived, done := make(chan struct{}), make(chan struct{})
	sim.After(func(omietest.Call) { sim.After(nil); close(arrived) })
	go func() {
		defer close(done)
		c.Customers(context.Background(), k, omie.ListRequest{Page: 1, PageSize: 1})
	}()
	<-arrived
	second := omie.ListRequest{Page: 2, PageSize: 1}
	if _, err := c.Customers(t.Context(), k, second); err == nil {
		t.Error("two at once were answered")
	}
	<-done
	if _, err := c.Customers(t.Context(), k, second); err != nil {
		t.Errorf("again: %v", err)
	}
}

// Bytes as Omie sends them: keys in alphabetical order, accents escaped.
func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	sim := omietest.New(omietest.Options{})
	sim.AddApp(appKey, secret)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	body := func(call, param string) string {
		return fmt.Sprintf(`{"call":%q,"app_key":%s,"app_secret":%q,"param":%s}`, call, appKey, secret, param)
	}
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"nothing there", "POST", "/api/v1/geral/clientes/", body("ListarClientes", `[{"pagina":1}]`), 500,
			`{"faultcode":"SOAP-ENV:Client-5113","faultstring":"ERROR: N\u00e3o existem registros para a p\u00e1gina [1]!"}`},
		{"a tag that is none", "POST", "/api/v1/geral/clientes/", body("ListarClientes", `[{"página":1}]`), 500, `SOAP-ENV:Client-5001`},
		{"two parameters", "POST", "/api/v1/geral/clientes/", body("ListarClientesResumido", `[{},{}]`), 500, `SOAP-ENV:Client-5001`},
		{"no slash", "POST", "/api/v1/geral/clientes", "{}", 404, ""},
		{"read by a person", "GET", "/api/v1/geral/clientes/", "", 200, "<html>"},
		{"another company's secret", "POST", "/api/v1/geral/clientes/", strings.Replace(body("ConsultarCliente", `[{}]`), secret, "x", 1), 403, `SOAP-ENV:Server`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(got), tt.want) {
			t.Errorf("%s: %d %s, want %d %s (%v)", tt.name, resp.StatusCode, got, tt.status, tt.want, err)
		}
	}
}
