package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/schemas"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"nothing wrong", t.Context(), nil, 0},
		{"mistyped", t.Context(), usage(errors.New("x")), 2},
		{"file refused", t.Context(), fmt.Errorf("read: %w", pipeline.Reject("FILE_EMPTY", "read file")), 4},
		{"database gone", t.Context(), &pipeline.Error{Kind: pipeline.KindTransient}, 5},
		{"store gone", t.Context(), fmt.Errorf("x: %w", &objstore.Error{Kind: objstore.ErrUnavailable}), 5},
		{"nobody answers", t.Context(), fmt.Errorf("x: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), 5},
		{"a folder that is not there", t.Context(), fmt.Errorf("x: %w", &os.PathError{Op: "open", Path: "no/such", Err: syscall.ENOENT}), 1},
		{"interrupted", canceled, errors.New("query: context canceled"), 130},
		{"held, then interrupted", canceled, exit(exitHeld), 6},
		{"anything else", t.Context(), errors.New("x"), 1},
	}
	for _, tt := range tests {
		if got := exitCode(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestImportExitCodes(t *testing.T) {
	t.Parallel()
	code := "SERVICE_UNAVAILABLE"
	tests := []struct {
		name string
		doc  schemas.ImportDocument
		want int
	}{
		{"all loaded", schemas.ImportDocument{State: schemas.Applied}, 0},
		{"rows refused", schemas.ImportDocument{State: schemas.Applied, Ledger: schemas.Ledger{Rejected: 1}}, 3},
		{"rows in conflict", schemas.ImportDocument{State: schemas.Applied, Ledger: schemas.Ledger{Conflict: 1}}, 3},
		{"rows skipped", schemas.ImportDocument{State: schemas.Applied, Ledger: schemas.Ledger{Skipped: 1}}, 0},
		{"held", schemas.ImportDocument{State: schemas.Ready, Held: true, Ledger: schemas.Ledger{Rejected: 9}}, 6},
		{"planned", schemas.ImportDocument{State: schemas.Ready}, 0},
		{"file refused", schemas.ImportDocument{State: schemas.Rejected}, 4},
		{"failed", schemas.ImportDocument{State: schemas.Failed}, 1},
		{"service gone for good", schemas.ImportDocument{State: schemas.Failed, Code: &code}, 5},
		{"canceled by somebody", schemas.ImportDocument{State: schemas.Canceled}, 1},
	}
	for _, tt := range tests {
		if got := importExit(tt.doc); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := worst(worst(exitDone, exitHeld), exitRefusedRows); got != exitHeld {
		t.Errorf("worst of held and refused rows = %d", got)
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	account := schemas.Account{Timezone: "America/Sao_Paulo"}
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-01":           time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC), // the account's midnight
		"2026-03-01T10:00:00Z": time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
		"7d":                   now.AddDate(0, 0, -7),
		"90m":                  now.Add(-90 * time.Minute),
	} {
		if got, err := parseSince(text, account, now); err != nil || !got.Equal(want) {
			t.Errorf("parseSince(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"soon", "-3d", "2026-13-01", "0d"} {
		if got, err := parseSince(text, account, now); err == nil {
			t.Errorf("parseSince(%q) = %v, want an error", text, got)
		}
	}
}

func TestObjectNamesKeepTheirEnding(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"leads.csv":                        "leads.csv",
		"março: lista #1.csv":              "março: lista _1.csv",
		strings.Repeat("é", 150) + ".csv":  strings.Repeat("é", 98) + ".csv",
		"a\nb.csv":                         "a_b.csv",
		"x." + strings.Repeat("long", 100): "x." + strings.Repeat("long", 49) + "lo",
	} {
		if got := objectName(name); got != want {
			t.Errorf("objectName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestOrderlyEndsAreNotErrors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := newLog(&out, "", slog.LevelInfo)
	log.Error("Error starting transaction", "error", "begin: context canceled")
	if out.Len() > 0 {
		t.Errorf("a canceled query is told as an error: %s", out.String())
	}
	log.With("import_id", "x").Error("write", "error", errors.New("disk full"))
	if !strings.Contains(out.String(), "disk full") {
		t.Error("a real error is not told")
	}
}
