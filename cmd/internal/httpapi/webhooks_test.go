package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

const (
	hookKey    = "1234567890"
	hookSecret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	hookPath   = "/webhooks/omie/3/" + hookSecret
)

// store holds one connection, and what was stored of it.
type store struct {
	key, secret string
	opened      int
	signals     []postgres.Signal
	openErr     error
	addErr      error
}

func (s *store) OpenWebhook(_ context.Context, id string) (schemas.Connection, string, error) {
	s.opened++
	if s.openErr != nil {
		return schemas.Connection{}, "", s.openErr
	}
	if id != "3" {
		return schemas.Connection{}, "", fmt.Errorf("find connection: %w", postgres.ErrNotFound)
	}
	return schemas.Connection{Account: 1, ID: 3, AppKey: s.key}, s.secret, nil
}

func (s *store) AddSignal(_ context.Context, account, connection int32, signal postgres.Signal) (bool, error) {
	if s.addErr != nil {
		return false, s.addErr
	}
	if account != 1 || connection != 3 {
		return false, errors.New("another connection")
	}
	for _, old := range s.signals {
		if old.MessageID == signal.MessageID {
			return false, nil
		}
	}
	s.signals = append(s.signals, signal)
	return true, nil
}

func post(t *testing.T, h http.Handler, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

// delivery is a message of Omie's; key and record stand in it as they are.
func delivery(id, topic, key, record string) string {
	return fmt.Sprintf(`{"messageId":%q,"topic":%q,"event":{"codigo_cliente_omie":%s,"razao_social":"Padaria Sol","email":"ana@exemplo.com.br"},"appKey":%s,"author":{"email":"bia@exemplo.com.br"}}`,
		id, topic, record, key)
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	changed := func(id string) string {
		return delivery(id, "ClienteFornecedor.Alterado", `"`+hookKey+`"`, "4000001")
	}
	one := []postgres.Signal{{MessageID: "m1", Record: 4000001}}
	broken := errors.New("reach database: it is gone")
	for _, tt := range []struct {
		name   string
		path   string
		bodies []string // the answer to the last one counts
		store  store
		status int
		answer string
		want   []postgres.Signal
	}{
		{"a change", hookPath, []string{changed("m1")}, store{}, 200, "stored", one},
		{"numbers as text, the key as a number", hookPath, []string{delivery("m1", "ClienteFornecedor.Incluido", hookKey, `"4000001"`)}, store{}, 200, "stored", one},
		{"gone", hookPath, []string{delivery("m1", "ClienteFornecedor.Excluido", hookKey, "7")}, store{}, 200, "stored",
			[]postgres.Signal{{MessageID: "m1", Record: 7, Deleted: true}}},
		{"twice", hookPath, []string{changed("m1"), changed("m1")}, store{}, 200, "duplicate", one},
		{"ping", hookPath, []string{`{"ping":"omie"}`}, store{}, 200, "ping", nil},
		{"ping with a wrong secret", "/webhooks/omie/3/" + strings.Repeat("0", 64), []string{`{"ping":"omie"}`}, store{}, 404, "unknown", nil},
		{"wrong secret", "/webhooks/omie/3/x", []string{changed("m1")}, store{}, 404, "unknown", nil},
		{"no such connection", "/webhooks/omie/4/" + hookSecret, []string{changed("m1")}, store{}, 404, "unknown", nil},
		{"connection without a secret", hookPath, []string{changed("m1")}, store{secret: "none"}, 404, "unknown", nil},
		{"another company's key", hookPath, []string{delivery("m1", "ClienteFornecedor.Alterado", "99", "1")}, store{}, 200, "ignored", nil},
		{"no key", hookPath, []string{`{"messageId":"m1","topic":"ClienteFornecedor.Alterado","event":{"codigo_cliente_omie":1}}`}, store{}, 200, "ignored", nil},
		{"another topic", hookPath, []string{delivery("m1", "VendaProduto.Incluida", hookKey, "1")}, store{}, 200, "ignored", nil},
		{"no message id", hookPath, []string{changed("")}, store{}, 200, "ignored", nil},
		{"a message id without end", hookPath, []string{changed(strings.Repeat("m", 300))}, store{}, 200, "ignored", nil},
		{"no record", hookPath, []string{delivery("m1", "ClienteFornecedor.Alterado", hookKey, `""`)}, store{}, 200, "ignored", nil},
		{"an event that is none", hookPath, []string{`{"messageId":"m1","topic":"ClienteFornecedor.Alterado","event":[1]}`}, store{}, 200, "ignored", nil},
		{"no JSON", hookPath, []string{`{"messageId":`}, store{}, 200, "ignored", nil},
		{"nothing", hookPath, []string{""}, store{}, 200, "ignored", nil},
		{"a body without end", hookPath, []string{`{"ping":"` + strings.Repeat("x", 2<<20) + `"}`}, store{}, 200, "ignored", nil},
		{"the database is gone", hookPath, []string{changed("m1")}, store{openErr: broken}, 503, "unavailable", nil},
		{"the database goes", hookPath, []string{changed("m1")}, store{addErr: broken}, 503, "unavailable", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := tt.store
			db.key = hookKey
			if db.secret == "" {
				db.secret = hookSecret
			} else {
				db.secret = ""
			}
			var log bytes.Buffer
			h := Handler(database{}, &db, "bateia", slog.New(slog.NewTextHandler(&log, nil)))
			var status int
			var answer string
			for _, body := range tt.bodies {
				status, answer = post(t, h, tt.path, body)
			}
			if want := fmt.Sprintf(`{"status":%q}`, tt.answer); status != tt.status || answer != want {
				t.Errorf("answer %d %s, want %d %s", status, answer, tt.status, want)
			}
			if diff := cmp.Diff(tt.want, db.signals); diff != "" {
				t.Errorf("signals mismatch (-want +got):\n%s", diff)
			}
			for _, never := range []string{hookSecret, hookKey, "exemplo", "Padaria", "webhooks/"} {
				if strings.Contains(log.String(), never) {
					t.Errorf("%q is in the log: %s", never, log.String())
				}
			}
		})
	}
}

func TestWebhooksArePosted(t *testing.T) {
	t.Parallel()
	h := Handler(database{}, &store{key: hookKey, secret: hookSecret}, "bateia", quiet)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, hookPath, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET = %d", w.Code)
	}
}

// A delivery asks for the connection once a minute, and again when what it
// remembers does not fit any more.
func TestWebhooksRememberTheirConnection(t *testing.T) {
	t.Parallel()
	db := &store{key: hookKey, secret: hookSecret}
	now := time.Now()
	h := newOmieHooks(db, func() time.Time { return now }, quiet)
	mux := http.NewServeMux()
	mux.Handle("/webhooks/omie/{connection}/{secret}", h)
	message := func(n int, key string) string {
		return delivery(fmt.Sprint("m", n), "ClienteFornecedor.Alterado", key, "1")
	}
	step := func(what, path, body string, status, signals, opened int) {
		t.Helper()
		if got, _ := post(t, mux, path, body); got != status || len(db.signals) != signals || db.opened != opened {
			t.Errorf("%s: status %d, %d signals, opened %d times, want %d, %d, %d", what, got, len(db.signals), db.opened, status, signals, opened)
		}
	}
	step("first", hookPath, message(1, hookKey), 200, 1, 1)
	step("second", hookPath, message(2, hookKey), 200, 2, 1)
	step("guessed", "/webhooks/omie/3/guess", message(3, hookKey), 404, 2, 1)
	db.key = "77"
	now = now.Add(hookFresh)
	step("a new key", hookPath, message(3, "77"), 200, 3, 2)
	now = now.Add(hookKept)
	db.secret = strings.Repeat("1", 64)
	step("another secret, a minute later", hookPath, message(4, "77"), 404, 3, 3)
}
