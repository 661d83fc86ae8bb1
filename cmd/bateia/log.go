package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/bateia/bateia/cmd/internal/terminal"
)

// newLog writes structured logs: JSON for programs, text on a terminal.
func newLog(w io.Writer, level string, otherwise slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: otherwise}
	var named slog.Level
	if err := named.UnmarshalText([]byte(level)); level != "" && err == nil {
		o.Level = named
	}
	var h slog.Handler = slog.NewJSONHandler(w, o)
	if terminal.Width(w) > 0 {
		h = slog.NewTextHandler(w, o)
	}
	return slog.New(endings{h})
}

// endings drops the errors of work that was told to stop: River reports every
// query that an orderly stop canceled.
type endings struct{ slog.Handler }

// Handle implements slog.Handler.
func (e endings) Handle(ctx context.Context, r slog.Record) error {
	canceled := false
	r.Attrs(func(a slog.Attr) bool {
		canceled = a.Key == "error" && strings.HasSuffix(a.Value.String(), context.Canceled.Error())
		return !canceled
	})
	if canceled && r.Level > slog.LevelDebug {
		r.Level = slog.LevelDebug
		if !e.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return e.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (e endings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return endings{e.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (e endings) WithGroup(name string) slog.Handler { return endings{e.Handler.WithGroup(name)} }

// maxLog is how large the log of a data directory grows before it is set aside,
// in bytes. One old one is kept.
const maxLog = 10 << 20

// logPath is the log of commands that run the stack inside them.
func logPath(dataDir string) string { return filepath.Join(dataDir, "logs", "bateia.log") }

// quietLog writes to the log of a data directory once that is there: what a
// worker says while somebody waits for an import is not for their terminal.
type quietLog struct {
	path string
	once sync.Once
	file *os.File // nil when it cannot be written: then nothing is
}

// Write implements io.Writer. It never fails.
func (l *quietLog) Write(b []byte) (int, error) {
	if _, err := os.Stat(filepath.Dir(l.path)); err != nil {
		return len(b), nil
	}
	l.once.Do(func() {
		if info, err := os.Stat(l.path); err == nil && info.Size() > maxLog {
			_ = os.Rename(l.path, l.path+".1") // then it grows on
		}
		if f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
			l.file = f
		}
	})
	if l.file != nil {
		_, _ = l.file.Write(b)
	}
	return len(b), nil
}
