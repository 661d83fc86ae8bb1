package webhook

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var applied = Notice{
	ImportID: 0x0193c0ffee1234, Account: "default", List: "feira", State: schemas.Applied,
	Ledger: schemas.Ledger{Read: 3, Created: 2, Rejected: 1},
	At:     time.Date(2026, 3, 4, 9, 5, 6, 7e6, time.FixedZone("", -3*3600)),
}

func TestNotifySendsCountsAndNoValues(t *testing.T) {
	t.Parallel()
	held := applied
	held.State, held.Code = schemas.Ready, "TOO_MANY_ERRORS"
	for _, tt := range []struct {
		name   string
		notice Notice
		want   map[string]any
		key    string
	}{
		{name: "finished", notice: applied, key: "0193c0ffee1234-applied-1772625906007",
			want: map[string]any{"event": "import.finished", "state": "applied", "code": nil}},
		{name: "held", notice: held, key: "0193c0ffee1234-ready-1772625906007",
			want: map[string]any{"event": "import.held", "state": "ready", "code": "TOO_MANY_ERRORS"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]any{
				"import_id": "0193c0ffee1234", "account": "default", "list": "feira", "at": "2026-03-04T12:05:06.007Z",
				"ledger": map[string]any{"read": 3., "created": 2., "updated": 0., "unchanged": 0., "duplicate": 0.,
					"rejected": 1., "skipped": 0., "conflict": 0., "blank": 0.},
			}
			for k, v := range tt.want {
				want[k] = v
			}
			var got map[string]any
			var header http.Header
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, err := io.ReadAll(r.Body)
				if err != nil || json.Unmarshal(text, &got) != nil || r.Method != http.MethodPost || r.URL.Path != "/hook" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				header = r.Header.Clone()
				w.WriteHeader(http.StatusAccepted)
			}))
			defer srv.Close()
			if err := (Notifier{URL: srv.URL + "/hook"}).Notify(t.Context(), tt.notice); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body mismatch (-want +got):\n%s", diff)
			}
			if header.Get("Idempotency-Key") != tt.key || header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v, want the key %s", header, tt.key)
			}
		})
	}
}

func TestNotifySaysWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		kind   pipeline.Kind
	}{
		{http.StatusInternalServerError, pipeline.KindTransient},
		{http.StatusServiceUnavailable, pipeline.KindTransient},
		{http.StatusTooManyRequests, pipeline.KindTransient},
		{http.StatusRequestTimeout, pipeline.KindTransient},
		{http.StatusNotFound, pipeline.KindPermanent},
		{http.StatusUnauthorized, pipeline.KindPermanent},
		{http.StatusFound, pipeline.KindPermanent}, // never followed
	} {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			t.Parallel()
			calls := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
			}))
			defer srv.Close()
			err := Notifier{URL: srv.URL + "/T0KEN-in-path"}.Notify(t.Context(), applied)
			if err == nil || pipeline.KindOf(err) != tt.kind {
				t.Errorf("error %v, want kind %s", err, tt.kind)
			}
			if calls != 1 {
				t.Errorf("%d requests, want 1: retrying is the job's", calls)
			}
			if err != nil && strings.Contains(err.Error(), "T0KEN") {
				t.Errorf("error text gives the URL's secret away: %v", err)
			}
		})
	}
}

func TestNotifyHidesTheURLWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(release); slow.Close() })
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		n    Notifier
	}{
		{"refused connection", t.Context(), Notifier{URL: gone.URL + "/T0KEN?key=T0KEN"}},
		{"no answer in time", t.Context(), Notifier{URL: slow.URL + "/T0KEN", Timeout: 20 * time.Millisecond}},
		{"canceled", canceled, Notifier{URL: slow.URL + "/T0KEN"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.n.Notify(tt.ctx, applied)
			if err == nil || pipeline.KindOf(err) != pipeline.KindTransient || strings.Contains(err.Error(), "T0KEN") {
				t.Errorf("error %v, want a transient one without the URL", err)
			}
		})
	}
}

func TestNotifyWithoutUsableURL(t *testing.T) {
	t.Parallel()
	if err := (Notifier{}).Notify(t.Context(), applied); err != nil {
		t.Errorf("no URL: %v, want nothing to happen", err)
	}
	for _, bad := range []string{"ftp://x/T0KEN", "/T0KEN", "http://", "http://x/%zzT0KEN"} {
		err := Notifier{URL: bad}.Notify(t.Context(), applied)
		if err == nil || pipeline.KindOf(err) != pipeline.KindPermanent || strings.Contains(err.Error(), "T0KEN") {
			t.Errorf("URL %q: %v, want a permanent error without it", bad, err)
		}
	}
}
