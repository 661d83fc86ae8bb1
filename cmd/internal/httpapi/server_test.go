package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
)

// database answers what it was given.
type database struct {
	pending int
	health  postgres.Health
	err     error
}

func (d database) Pending(context.Context) (int, error) { return d.pending, d.err }

func (d database) ReadHealth(context.Context, string) (postgres.Health, error) {
	return d.health, d.err
}

var quiet = slog.New(slog.DiscardHandler)

func get(t *testing.T, db Database, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(db, nil, "bateia", quiet).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	down := errors.New("reach database: password=hunter2")
	tests := []struct {
		name   string
		db     database
		path   string
		status int
		want   string
	}{
		{"alive without a database", database{err: down}, "/healthz", 200, "ok"},
		{"ready", database{}, "/readyz", 200, "ready"},
		{"database down", database{err: down}, "/readyz", 503, "does not answer"},
		{"old schema", database{pending: 2}, "/readyz", 503, "2 migrations"},
		{"nothing else is here", database{}, "/", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, body := get(t, tt.db, tt.path)
			if status != tt.status || !strings.Contains(body, tt.want) || strings.Contains(body, "hunter2") {
				t.Errorf("GET %s = %d %q, want %d with %q", tt.path, status, body, tt.status, tt.want)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	db := database{health: postgres.Health{
		States:  map[string]postgres.StateCount{"applied": {Imports: 7, Oldest: ago(time.Hour)}, "held": {Imports: 2, Oldest: ago(30 * time.Minute)}},
		Stages:  map[string]postgres.StageSum{"parse": {Runs: 7, Seconds: 1.5, Rows: 1000}},
		Queues:  []postgres.QueueDepth{{Queue: "imports", State: "available", Jobs: 3}},
		Scanned: ago(10 * time.Second),
		Connections: []postgres.ConnectionHealth{
			{Account: 1, ID: 3, State: "valid", LastSuccess: ago(90 * time.Second)}, {Account: 1, ID: 4, State: "invalid"},
		},
	}}
	status, body := get(t, db, "/metrics")
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{
		"bateia_database_up 1", `bateia_imports{state="applied"} 7`, `bateia_imports{state="failed"} 0`, "bateia_held_imports 2",
		`bateia_oldest_import_age_seconds{state="held"} 180`, `bateia_oldest_import_age_seconds{state="planning"} 0`,
		"bateia_oldest_unscanned_drop_seconds 10.", `bateia_stage_seconds_total{stage="parse"} 1.5`,
		`bateia_jobs{queue="imports",state="available"} 3`,
		`bateia_omie_connection_state{account="1",connection="3",state="valid"} 1`,
		`bateia_omie_connection_state{account="1",connection="4",state="valid"} 0`,
		`bateia_omie_last_success_age_seconds{account="1",connection="3"} 9`,
		`bateia_omie_webhooks_total{result="stored"} 0`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
	if _, body := get(t, database{err: errors.New("gone")}, "/metrics"); !strings.Contains(body, "bateia_database_up 0") {
		t.Error("a database that is gone is not told")
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Listen(ctx, "127.0.0.1:0", database{}, nil, "bateia", quiet)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	resp, err := http.Get("http://" + s.Address() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || string(body) != "ok\n" {
		t.Errorf("answer %q, %v", body, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	none, err := Listen(t.Context(), "", database{}, nil, "bateia", quiet)
	if none != nil || err != nil {
		t.Errorf("Listen without an address = %v, %v", none, err)
	}
}
