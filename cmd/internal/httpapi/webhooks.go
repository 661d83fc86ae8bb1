package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// Webhooks is what the endpoint for Omie needs. It is *app.App. Its methods may be
// called from any goroutine.
type Webhooks interface {
	// OpenWebhook returns a connection by the id in its URL, and the secret that
	// must stand there too. postgres.ErrNotFound when there is none, or it has no
	// secret.
	OpenWebhook(ctx context.Context, id string) (c schemas.Connection, secret string, err error)
	// AddSignal stores a message; false when it came before.
	AddSignal(ctx context.Context, account, connection int32, s postgres.Signal) (added bool, err error)
}

const (
	// hookBody is the longest message that is read; a record of Omie's is some KB.
	hookBody = 1 << 20
	// hookWithin bounds one delivery: Omie waits for 7 s.
	hookWithin = 5 * time.Second
	// hookKept is how long an opened secret is kept, so that a delivery is one
	// small transaction; hookFresh is how soon one that does not fit is not looked
	// up again.
	hookKept  = time.Minute
	hookFresh = 5 * time.Second
	// longestMessageID is far more than a UUID.
	longestMessageID = 200
)

// What becomes of a delivery, as the metric names it.
const (
	hookStored    = "stored"
	hookDuplicate = "duplicate"
	hookPing      = "ping"
	hookIgnored   = "ignored"     // another topic
	hookMalformed = "malformed"   // not the envelope
	hookOtherKey  = "other_key"   // of another company
	hookUnknown   = "unknown"     // no such connection, or not its secret
	hookFailed    = "unavailable" // could not be stored
)

// omieHooks takes what Omie tells. A message is no more than a hint which record
// to read again, so what is wrong with it is not held against the sender: only what
// may go better next time is answered with an error, because Omie then delivers
// again, for days, and nothing else before it.
type omieHooks struct {
	hooks   Webhooks
	clock   func() time.Time
	log     *slog.Logger
	results *prometheus.CounterVec

	mu    sync.Mutex
	known map[string]openedHook // by id; only connections that there are
}

// openedHook is what a delivery is compared with.
type openedHook struct {
	account, id int32
	appKey      string
	secret      string
	at          time.Time
}

func newOmieHooks(hooks Webhooks, clock func() time.Time, log *slog.Logger) *omieHooks {
	results := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bateia_omie_webhooks_total", Help: "Deliveries of Omie's webhooks to this process, by what became of them.",
	}, []string{"result"})
	for _, r := range []string{hookStored, hookDuplicate, hookPing, hookIgnored, hookMalformed, hookOtherKey, hookUnknown, hookFailed} {
		results.WithLabelValues(r)
	}
	return &omieHooks{hooks: hooks, clock: clock, log: log, results: results, known: map[string]openedHook{}}
}

// ServeHTTP implements http.Handler.
func (h *omieHooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), hookWithin)
	defer cancel()
	// A recorder has no connection, and needs no deadline.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(hookWithin))
	result, err := h.take(ctx, w, r)
	if err != nil {
		h.log.WarnContext(ctx, "webhook of Omie", "error", err.Error())
	}
	h.results.WithLabelValues(result).Inc()
	w.Header().Set("Content-Type", "application/json")
	switch result {
	case hookUnknown:
		w.WriteHeader(http.StatusNotFound)
	case hookFailed:
		w.WriteHeader(http.StatusServiceUnavailable)
	case hookMalformed, hookOtherKey:
		result = hookIgnored // the sender learns no more
	}
	_, _ = io.WriteString(w, `{"status":"`+result+`"}`+"\n") // the other side went away
}

// message is the envelope of Omie's. The event is a customer, of which the id is
// all that is read.
type message struct {
	Ping  omie.Text `json:"ping"`
	ID    omie.Text `json:"messageId"`
	Topic omie.Text `json:"topic"`
	Key   omie.Text `json:"appKey"`
	Event struct {
		Record omie.Number `json:"codigo_cliente_omie"`
	} `json:"event"`
}

// take handles one delivery and says what became of it.
func (h *omieHooks) take(ctx context.Context, w http.ResponseWriter, r *http.Request) (string, error) {
	id, secret := r.PathValue("connection"), r.PathValue("secret")
	fitsSecret := func(o openedHook) bool { return same(o.secret, secret) }
	opened, ok, err := h.find(ctx, id, fitsSecret)
	switch {
	case err != nil:
		return hookFailed, err
	case !ok:
		return hookUnknown, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookBody))
	var m message
	if err != nil || json.Unmarshal(body, &m) != nil {
		return hookMalformed, nil
	}
	if m.Ping != "" && m.ID == "" {
		return hookPing, nil
	}
	action, ours := strings.CutPrefix(string(m.Topic), "ClienteFornecedor.")
	switch {
	case m.ID == "" || len(m.ID) > longestMessageID || m.Topic == "":
		return hookMalformed, nil
	case !ours || action != "Incluido" && action != "Alterado" && action != "Excluido":
		return hookIgnored, nil
	case m.Event.Record <= 0:
		return hookMalformed, nil
	}
	fitsKey := func(o openedHook) bool { return fitsSecret(o) && same(o.appKey, string(m.Key)) }
	if !fitsKey(opened) {
		// The company may have got a new key since.
		if opened, ok, err = h.find(ctx, id, fitsKey); err != nil {
			return hookFailed, err
		}
		if !ok {
			return hookOtherKey, nil
		}
	}
	added, err := h.hooks.AddSignal(ctx, opened.account, opened.id, postgres.Signal{
		MessageID: string(m.ID), Record: int64(m.Event.Record), Deleted: action == "Excluido",
	})
	switch {
	case err != nil:
		return hookFailed, err
	case !added:
		return hookDuplicate, nil
	}
	return hookStored, nil
}

// find returns the connection of an id, from memory when that is fresh and fits;
// false when there is none that fits.
func (h *omieHooks) find(ctx context.Context, id string, fits func(openedHook) bool) (openedHook, bool, error) {
	now := h.clock()
	h.mu.Lock()
	o, known := h.known[id]
	h.mu.Unlock()
	if age := now.Sub(o.at); known && (age < hookFresh || age < hookKept && fits(o)) {
		return o, fits(o), nil
	}
	c, secret, err := h.hooks.OpenWebhook(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		h.mu.Lock()
		delete(h.known, id)
		h.mu.Unlock()
		fits(openedHook{}) // as long as for one that there is
		return openedHook{}, false, nil
	}
	if err != nil {
		return openedHook{}, false, err
	}
	o = openedHook{account: c.Account, id: c.ID, appKey: c.AppKey, secret: secret, at: now}
	h.mu.Lock()
	h.known[id] = o
	h.mu.Unlock()
	return o, fits(o), nil
}

// same compares in a time that tells nothing of either text. Nothing is the same
// as no text.
func same(want, got string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
