package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Events of a notice.
const (
	EventFinished = "import.finished" // the import is in a terminal state
	EventHeld     = "import.held"     // it waits at ready for "apply" or "cancel"
)

// Notice is what is told about one import.
type Notice struct {
	ImportID schemas.ImportID
	Account  string // slug
	List     string
	State    schemas.State
	Code     string // why it is rejected, failed or held; "" otherwise
	Ledger   schemas.Ledger
	// At is when the import came into this state. It must be the same when the
	// notice is sent again: the idempotency key is made from it.
	At time.Time
}

// body is the JSON of a notice; its keys follow CONTRACT's import.
type body struct {
	Event    string         `json:"event"`
	ImportID string         `json:"import_id"`
	Account  string         `json:"account"`
	List     string         `json:"list"`
	State    schemas.State  `json:"state"`
	Code     *string        `json:"code"`
	Ledger   schemas.Ledger `json:"ledger"`
	At       time.Time      `json:"at"`
}

// IdempotencyKey names the notice: the same for every time it is sent.
func (n Notice) IdempotencyKey() string {
	return fmt.Sprintf("%s-%s-%d", n.ImportID, n.State, n.At.UnixMilli())
}

func (n Notice) body() body {
	b := body{Event: EventHeld, ImportID: n.ImportID.String(), Account: n.Account, List: n.List,
		State: n.State, Ledger: n.Ledger, At: n.At.UTC()}
	if n.State.Terminal() {
		b.Event = EventFinished
	}
	if n.Code != "" {
		b.Code = &n.Code
	}
	return b
}

// Notifier sends notices to one URL. The URL may hold a secret (many services
// put a token into the path), so no error names more of it than the host.
type Notifier struct {
	URL     string        // http or https; "" sends nothing
	Timeout time.Duration // of one request from dialing to the answer, default 10 s
	// Client makes the requests, a client of its own when nil. Its Timeout and
	// CheckRedirect are not used.
	Client *http.Client
}

// answerLimit is how much of an answer is read, in bytes, so that the connection
// can be used again; the content does not matter.
const answerLimit = 64 << 10

// Notify sends one notice, once: whoever calls it retries. It returns nil when
// the answer is 2xx or no URL is configured. The error is a *pipeline.Error:
// KindTransient when the other side cannot be reached, is busy or has a failure
// of its own, KindPermanent when it refuses the message or sends it elsewhere.
func (n Notifier) Notify(ctx context.Context, notice Notice) error {
	text, err := json.Marshal(notice.body())
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	return n.send(ctx, text, notice.IdempotencyKey())
}

// send posts one message.
func (n Notifier) send(ctx context.Context, text []byte, idempotencyKey string) error {
	if n.URL == "" {
		return nil
	}
	target, err := url.Parse(n.URL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return &pipeline.Error{Op: "notify", Kind: pipeline.KindPermanent, Err: errors.New("the URL cannot be used"),
			Hint: "Check BATEIA_NOTIFY_URL: it must be http:// or https:// and name a host."}
	}
	timeout := n.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(text))
	if err != nil {
		return &pipeline.Error{Op: "notify", Kind: pipeline.KindPermanent, Err: errors.New("the URL cannot be used")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "bateia")
	req.Header.Set("Idempotency-Key", idempotencyKey)
	resp, err := n.client().Do(req)
	if err != nil {
		return &pipeline.Error{Op: "notify " + target.Hostname(), Kind: pipeline.KindTransient, Err: plain(err)}
	}
	defer resp.Body.Close()
	// A broken answer body changes nothing: the status is the answer.
	_, _ = io.CopyN(io.Discard, resp.Body, answerLimit)
	return judge(target.Hostname(), resp.StatusCode)
}

// client never follows a redirect: a POST turns into a GET on the way, and the
// message would go where nobody configured it.
func (n Notifier) client() *http.Client {
	c := http.Client{}
	if n.Client != nil {
		c = *n.Client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func judge(host string, status int) error {
	kind := pipeline.KindPermanent
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		kind = pipeline.KindTransient
	}
	return &pipeline.Error{Op: "notify " + host, Kind: kind, Err: fmt.Errorf("answered with status %d", status),
		Hint: "Check BATEIA_NOTIFY_URL and the service behind it."}
}

// plain takes the URL out of an error of net/http.
func plain(err error) error {
	var link *url.Error
	if errors.As(err, &link) {
		err = link.Err
	}
	var wire *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &wire):
		return fmt.Errorf("%s: %w", wire.Op, wire.Err)
	}
	return err
}
