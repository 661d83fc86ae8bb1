package omietest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/omie/omietest"
)

// heard is a message as it came.
type heard struct {
	Ping  string         `json:"ping"`
	ID    string         `json:"messageId"`
	Topic string         `json:"topic"`
	Event map[string]any `json:"event"`
	Rest  map[string]any `json:"-"`
}

// short is a message in a few words: its topic and the customer's name.
func (h heard) short() string {
	if h.Ping != "" {
		return "ping " + h.Ping
	}
	return strings.TrimPrefix(h.Topic, "ClienteFornecedor.") + " " + fmt.Sprint(h.Event["razao_social"])
}

// listener is an endpoint. answer writes what it answers to the n-th request, from
// 1; nil answers 200.
type listener struct {
	url    string
	answer func(n int, w http.ResponseWriter, r *http.Request, h heard)

	mu  sync.Mutex
	got []heard
}

func listen(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request, h heard)) *listener {
	t.Helper()
	l := &listener{answer: answer}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.url = server.URL + "/webhooks/omie/x"
	return l
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var h heard
	if err == nil {
		err = errors.Join(json.Unmarshal(body, &h), json.Unmarshal(body, &h.Rest))
	}
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		h.Topic = fmt.Sprintf("%s %s %v", r.Method, body, err)
	}
	l.mu.Lock()
	l.got = append(l.got, h)
	n := len(l.got)
	l.mu.Unlock()
	if l.answer != nil {
		l.answer(n, w, r, h)
	}
}

func (l *listener) heard() []heard {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.got)
}

func (l *listener) short() []string {
	var out []string
	for _, h := range l.heard() {
		out = append(out, h.short())
	}
	return out
}

// sender is a simulator with a company whose changes l hears of.
func sender(t *testing.T, o omietest.Options, l *listener) (*omietest.Server, *omietest.App) {
	t.Helper()
	sim := omietest.New(o)
	t.Cleanup(sim.Close)
	a := sim.AddApp(appKey, secret)
	sim.Hook(a, l.url)
	return sim, a
}

// flush waits until everything was answered.
func flush(t *testing.T, sim *omietest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := sim.Flush(ctx); err != nil {
		t.Fatalf("%v; sent %+v", err, sim.Sent())
	}
}

func named(name string) omietest.Record { return omietest.Record{"razao_social": name} }

func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	l := listen(t, nil)
	sim, a := sender(t, omietest.Options{}, l)
	other := sim.AddApp("77", secret)
	sim.Put(other, named("of nobody's interest"))
	id := sim.Put(a, omietest.Record{"codigo_cliente_omie": 4_000_007, "razao_social": "Ação Ltda", "email": "", "cidade_ibge": 4303905,
		"tags": []any{map[string]any{"tag": "Cliente", "peso": 1.5}}, "recomendacoes": map[string]any{"codigo_vendedor": json.Number("77")}})
	sim.Put(a, omietest.Record{"codigo_cliente_omie": id, "razao_social": "Ação SA"})
	sim.Put(a, named("Par"))
	sim.Delete(a, id)
	sim.Delete(a, id) // it is gone already
	flush(t, sim)
	want := []string{"ping omie", "Incluido Ação Ltda", "Alterado Ação SA", "Incluido Par", "Excluido Ação SA"}
	if diff := cmp.Diff(want, l.short()); diff != "" {
		t.Errorf("messages mismatch (-want +got):\n%s", diff)
	}
	all := l.heard()
	if diff := cmp.Diff(map[string]any{"ping": "omie"}, all[0].Rest); diff != "" {
		t.Errorf("ping mismatch (-want +got):\n%s", diff)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	ids := map[string]bool{}
	for _, h := range all[1:] {
		if ids[h.ID] = true; !uuid.MatchString(h.ID) {
			t.Errorf("messageId %q is no UUID", h.ID)
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d different ids of 4 messages", len(ids))
	}
	delete(all[1].Rest, "messageId")
	envelope := map[string]any{
		"topic": "ClienteFornecedor.Incluido", "appKey": appKey, "appHash": "exemplo-" + appKey, "origin": "omie-connect-2.0",
		"author": map[string]any{"email": "usuario@exemplo.com.br", "name": "Usuário Exemplo", "userId": 1.0},
		"event": map[string]any{"codigo_cliente_omie": "4000007", "razao_social": "Ação Ltda", "email": "", "cidade_ibge": "4303905",
			"tags": []any{map[string]any{"tag": "Cliente", "peso": "1.5"}}, "recomendacoes": map[string]any{"codigo_vendedor": "77"}},
	}
	if diff := cmp.Diff(envelope, all[1].Rest); diff != "" {
		t.Errorf("envelope mismatch (-want +got):\n%s", diff)
	}
	if even := all[3].Event["codigo_cliente_omie"]; even != 4_000_008.0 {
		t.Errorf("an even id comes as %v (%T), want a number", even, even)
	}
}

// Several endpoints hear everything in the order of the changes, whoever makes them.
func TestMessagesStayInOrder(t *testing.T) {
	t.Parallel()
	first := listen(t, nil)
	second := listen(t, func(n int, w http.ResponseWriter, _ *http.Request, _ heard) {
		if n%5 == 0 { // and some tries fail
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	sim, a := sender(t, omietest.Options{Scale: 1000}, first)
	sim.Hook(a, second.url)
	var wait sync.WaitGroup
	for n := range 5 {
		wait.Go(func() {
			for i := range 20 {
				sim.Put(a, named(fmt.Sprintf("%d.%d", n, i)))
			}
		})
	}
	wait.Wait()
	flush(t, sim)
	var want []string
	for _, m := range sim.Sent() {
		if m.URL == first.url {
			want = append(want, m.ID)
		}
		if !m.Over || m.Status != http.StatusOK {
			t.Errorf("sent %+v", m)
		}
	}
	var got []string
	for _, h := range first.heard() {
		got = append(got, h.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 101 {
		t.Errorf("%d messages, order mismatch (-want +got):\n%s", len(got), diff)
	}
	names := second.short()
	if tried := len(names); tried < 120 {
		t.Errorf("%d tries, want the failed ones again", tried)
	}
	if diff := cmp.Diff(first.short(), slices.Compact(names)); diff != "" {
		t.Errorf("order at the second mismatch (-first +second):\n%s", diff)
	}
}

func TestMessagesAreTriedAgain(t *testing.T) {
	t.Parallel()
	status := func(codes ...int) func(int) int {
		return func(n int) int { return codes[min(n, len(codes))-1] }
	}
	for _, tt := range []struct {
		name   string
		scale  float64
		status func(try int) int
		tries  int // at least; exactly when the last is a 200
		after  time.Duration
		last   int
	}{
		{"a short failure", 100, status(500, 503, 200), 3, 2 * time.Second, 200},
		{"a longer one", 10_000, status(500, 500, 404, 500, 204), 5, 20 * time.Minute, 204},
		{"a redirect is no answer", 100, status(307, 200), 2, time.Second, 200},
		{"given up", 2_000_000, status(500), 4, 3 * 24 * time.Hour, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sim *omietest.Server
			var times []time.Time
			ready := make(chan struct{})
			l := listen(t, func(_ int, w http.ResponseWriter, _ *http.Request, h heard) {
				if h.short() != "Incluido lost" {
					return
				}
				<-ready
				times = append(times, sim.Now()) // one goroutine sends
				code := tt.status(len(times))
				if code == http.StatusTemporaryRedirect {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(code)
			})
			sim, a := sender(t, omietest.Options{Scale: tt.scale}, l)
			close(ready)
			sim.Put(a, named("lost"))
			sim.Put(a, named("behind"))
			flush(t, sim)
			m := sim.Sent()[1]
			if m.Status != tt.last || !m.Over || m.Tries < tt.tries || tt.last/100 == 2 && m.Tries != tt.tries {
				t.Errorf("sent %+v, want status %d after %d tries", m, tt.last, tt.tries)
			}
			if took := times[len(times)-1].Sub(times[0]); took < tt.after {
				t.Errorf("the last try came after %v of Omie's, want %v", took, tt.after)
			}
			if all := l.short(); all[len(all)-1] != "Incluido behind" || slices.Index(all, "Incluido behind") != len(all)-1 {
				t.Errorf("the message behind did not wait: %q", all)
			}
		})
	}
}

// Who answers too late did not answer.
func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	l := listen(t, func(n int, _ http.ResponseWriter, r *http.Request, _ heard) {
		if n == 2 {
			<-r.Context().Done() // the sender hung up
		}
	})
	o := omietest.Options{Scale: 1000}
	o.Hooks.Timeout = 50 * time.Millisecond
	sim, a := sender(t, o, l)
	flush(t, sim)
	sim.Put(a, named("slow"))
	flush(t, sim)
	if m := sim.Sent()[1]; m.Tries < 2 || m.Status != http.StatusOK {
		t.Errorf("sent %+v", m)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	l := listen(t, nil)
	sim, a := sender(t, omietest.Options{Hooks: omietest.HookOptions{Twice: true}}, l)
	for n := range 5 {
		sim.Put(a, named(fmt.Sprint(n)))
	}
	flush(t, sim)
	times := map[string]int{}
	for _, h := range l.heard() {
		times[h.ID]++
	}
	if times[""] != 1 { // the ping
		t.Errorf("%d pings", times[""])
	}
	delete(times, "")
	for id, n := range times {
		if n != 2 {
			t.Errorf("message %s came %d times", id, n)
		}
	}
	if len(times) != 5 {
		t.Errorf("%d messages, want 5", len(times))
	}
}

func TestDisorder(t *testing.T) {
	t.Parallel()
	l := listen(t, nil)
	sim, a := sender(t, omietest.Options{Hooks: omietest.HookOptions{Reversed: true}}, l)
	id := sim.Put(a, named("first"))
	// Time enough to send it: other endpoints are pinged meanwhile.
	for range 10 {
		pinged := make(chan struct{})
		other := listen(t, func(int, http.ResponseWriter, *http.Request, heard) { close(pinged) })
		sim.Hook(sim.AddApp("77", secret), other.url)
		<-pinged
	}
	sim.Put(a, omietest.Record{"codigo_cliente_omie": id, "razao_social": "second"})
	sim.Delete(a, id)
	if got := l.short(); len(got) > 1 {
		t.Errorf("sent before Flush: %q", got)
	}
	flush(t, sim)
	want := []string{"ping omie", "Excluido second", "Alterado second", "Incluido first"}
	if diff := cmp.Diff(want, l.short()); diff != "" {
		t.Errorf("messages mismatch (-want +got):\n%s", diff)
	}
}

// Close ends what is under way, and whoever waits for it.
func TestCloseEndsSending(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	l := listen(t, func(n int, _ http.ResponseWriter, r *http.Request, _ heard) {
		if n == 2 {
			close(arrived)
			<-r.Context().Done()
		}
	})
	sim, a := sender(t, omietest.Options{}, l)
	sim.Put(a, named("unheard"))
	<-arrived
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sim.Flush(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("flush with an ended context: %v", err)
	}
	flushed := make(chan error)
	go func() { flushed <- sim.Flush(context.Background()) }()
	sim.Close()
	if err := <-flushed; !errors.Is(err, omietest.ErrClosed) {
		t.Errorf("flush of a closed server: %v", err)
	}
	sim.Put(a, named("unheard too"))
	sim.Hook(a, l.url)
	sim.Close()
	if got := l.short(); len(got) != 2 {
		t.Errorf("heard %q", got)
	}
	if m := sim.Sent(); len(m) != 3 || m[1].Over || m[2].Tries != 0 {
		t.Errorf("sent %+v", m)
	}
}
