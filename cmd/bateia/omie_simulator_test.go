package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/omie"
)

// simulated is a running "omie-simulator --json".
type simulated struct {
	Base    string  `json:"base_url"`
	Control string  `json:"control_url"`
	Scale   float64 `json:"time_scale"`
	Apps    []struct {
		Key       string `json:"app_key"`
		Secret    string `json:"app_secret"`
		Customers int    `json:"customers"`
	} `json:"apps"`
	// stop interrupts it and returns its exit code, what standard output held beside
	// the document, and standard error.
	stop func() (code int, out, errs string)
}

// simulate starts the command in this process, on a port of its own.
func simulate(t *testing.T, args ...string) *simulated {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, environment{
			args: append([]string{"omie-simulator", "--json", "--listen", "127.0.0.1:0"}, args...), in: strings.NewReader(""), out: writer, err: &errs,
			getenv: func(name string) string { return map[string]string{"BATEIA_LOCALE": "en"}[name] },
		})
		writer.Close()
		ended <- code
	}()
	out := bufio.NewReader(reader)
	line, err := out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("ended with %d: %s", <-ended, errs.String())
	}
	s := &simulated{}
	if err := json.Unmarshal(line, s); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	s.stop = func() (int, string, string) {
		cancel()
		rest, err := io.ReadAll(out)
		if err != nil {
			t.Error(err)
		}
		return <-ended, string(rest), errs.String()
	}
	return s
}

// customers asks for a page, under no limits.
func (s *simulated) customers(t *testing.T, page int) ([]omie.Customer, error) {
	t.Helper()
	k, err := omie.ParseCredentials(s.Apps[0].Key, s.Apps[0].Secret)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&omie.Client{URL: s.Base, Gate: unguarded{}}).Customers(t.Context(), k, omie.ListRequest{Page: page, PageSize: 500})
	return p.Rows, err
}

// unguarded lets every call through.
type unguarded struct{}

func (unguarded) Pass(context.Context, string, string, string) (func(*omie.Fault) error, error) {
	return func(*omie.Fault) error { return nil }, nil
}

func TestOmieSimulator(t *testing.T) {
	t.Parallel()
	s := simulate(t, "--customers", "120", "--page-cap", "100", "--scale", "60", "--app-key", "77", "--app-secret", strings.Repeat("AB", 16))
	if len(s.Apps) != 1 || s.Apps[0].Key != "77" || s.Apps[0].Customers != 120 || s.Scale != 60 {
		t.Errorf("announced %+v", s)
	}
	for page, want := range map[int]int{1: 100, 2: 20} {
		if rows, err := s.customers(t, page); err != nil || len(rows) != want {
			t.Errorf("page %d: %d customers, want %d (%v)", page, len(rows), want, err)
		}
	}
	code, out, errs := s.stop()
	if code != exitDone || out != "" || errs != "2 calls, 0 limits broken\n" {
		t.Errorf("exit code %d, output %q, remarks %q", code, out, errs)
	}
}

// A client that broke a limit makes the command fail, and is told where.
func TestOmieSimulatorTellsBrokenLimits(t *testing.T) {
	t.Parallel()
	s := simulate(t)
	if len(s.Apps) != 1 || s.Apps[0].Customers != 1000 {
		t.Errorf("announced %+v", s)
	}
	if rows, err := s.customers(t, 2); err != nil || len(rows) != 500 {
		t.Errorf("%d customers (%v)", len(rows), err)
	}
	if _, err := s.customers(t, 2); err == nil {
		t.Error("the same call within a minute was answered")
	}
	code, _, errs := s.stop()
	if want := "2 calls, 1 limit broken\n  " + simulatorKey + " ListarClientes: the same call after "; code != exitFailed || !strings.HasPrefix(errs, want) {
		t.Errorf("exit code %d, remarks %q, want %q", code, errs, want)
	}
}

// A slow answer does not keep the command from ending.
func TestOmieSimulatorEndsWhileItAnswers(t *testing.T) {
	t.Parallel()
	s := simulate(t, "--faults-200")
	resp, err := http.Post(s.Control+"fail", "application/json", strings.NewReader(`{"fault":"broken","seconds":3600}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	asked := make(chan error, 1)
	go func() {
		_, err := s.customers(t, 1)
		asked <- err
	}()
	for calls := "[]"; calls == "[]"; { // until the call has come
		resp, err := http.Get(s.Control + "calls")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		calls = strings.TrimSpace(string(body))
	}
	began := time.Now()
	if code, _, errs := s.stop(); code != exitDone || time.Since(began) > time.Minute {
		t.Errorf("exit code %d after %v, remarks %q", code, time.Since(began), errs)
	}
	if err := <-asked; err == nil {
		t.Error("the call was answered")
	}
}

// Companies come from a file, and an endpoint hears of what is changed.
func TestOmieSimulatorWithDataAndHook(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 10)
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var message struct{ Ping, Topic string }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			t.Error(err)
		}
		heard <- message.Ping + message.Topic
	}))
	t.Cleanup(endpoint.Close)
	file := filepath.Join(t.TempDir(), "companies.txtar")
	text := "-- 55/" + simulatorSecret + "/customers --\n{\"codigo_cliente_omie\": 9, \"razao_social\": \"Nove\"}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := simulate(t, "--data", file, "--hook", endpoint.URL)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.Control+"apps/55/customers/9", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if diff := cmp.Diff([]string{"omie", "ClienteFornecedor.Excluido"}, []string{<-heard, <-heard}); diff != "" {
		t.Errorf("messages mismatch (-want +got):\n%s", diff)
	}
	if code, _, errs := s.stop(); code != exitDone {
		t.Errorf("exit code %d, remarks %q", code, errs)
	}
}

func TestOmieSimulatorRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"--scale 0", exitUsage, "--scale"},
		{"--page-cap -1", exitUsage, "--page-cap"},
		{"--customers -1", exitUsage, "--customers"},
		{"--app-key 77", exitUsage, "go together"},
		{"--app-key x --app-secret " + simulatorSecret, exitUsage, "app key is not a number"},
		{"--hook localhost/x", exitUsage, "--hook"},
		{"--data nothing.txtar", exitUsage, "nothing.txtar"},
		{"--data omie_simulator.go", exitUsage, "no file"},
		{"--data a.txtar --customers 1", exitUsage, "--data"},
		{"--listen 127.0.0.1:port", exitFailed, "listen"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), environment{
			args: append([]string{"omie-simulator"}, strings.Fields(tt.args)...), in: strings.NewReader(""), out: &out, err: &errs,
			getenv: func(string) string { return "" },
		})
		if code != tt.code || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%s: exit code %d, %s; want %d, %q", tt.args, code, errs.String(), tt.code, tt.want)
		}
	}
}
