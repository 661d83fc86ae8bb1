// Package httpapi serves what operators and their programs ask a worker:
// /healthz (the process lives), /readyz (its database answers and has its
// schema) and /metrics (Prometheus), and what Omie tells it: /webhooks/omie/….
// Nothing that it says or logs names a person, and requests are not logged: the
// path of a webhook holds its secret.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/bateia/bateia/pipeline/postgres"
)

// Database is what the server asks. It is *postgres.DB.
type Database interface {
	// Pending returns how many migrations the database lacks, or that it cannot
	// be reached.
	Pending(ctx context.Context) (int, error)
	ReadHealth(ctx context.Context, bucket string) (postgres.Health, error)
}

// askWithin bounds every question to the database.
const askWithin = 10 * time.Second

// Server is a listening server. A nil one serves nothing.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen takes an address, host:port; "" gives nil.
func Listen(ctx context.Context, address string, db Database, hooks Webhooks, bucket string, log *slog.Logger) (*Server, error) {
	if address == "" {
		return nil, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return &Server{listener: l, http: &http.Server{
		Handler: Handler(db, hooks, bucket, log), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

// Address is where the server listens, "" for nil.
func (s *Server) Address() string {
	if s == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Close gives the address back; it is for servers that are never served.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	return s.listener.Close()
}

// Serve answers until ctx ends; requests under way get five seconds.
func (s *Server) Serve(ctx context.Context) error {
	if s == nil {
		<-ctx.Done()
		return nil
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- s.http.Shutdown(end)
	})
	defer stop()
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}

// Handler answers all paths.
func Handler(db Database, hooks Webhooks, bucket string, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newCollector(db, bucket, time.Now, log))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), askWithin)
		defer cancel()
		switch pending, err := db.Pending(ctx); {
		case err != nil:
			log.WarnContext(ctx, "not ready", "error", err.Error())
			answer(w, http.StatusServiceUnavailable, "the database does not answer")
		case pending > 0:
			answer(w, http.StatusServiceUnavailable, fmt.Sprintf("%d migrations are missing: run bateia migrate", pending))
		default:
			answer(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
	}))
	omie := newOmieHooks(hooks, time.Now, log)
	registry.MustRegister(omie.results)
	mux.Handle("POST /webhooks/omie/{connection}/{secret}", omie)
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // the other side went away
}
