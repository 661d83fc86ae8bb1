package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// folder is a Store over memory: it answers with what it holds for the key, in
// pieces, and refuses another ETag, as the contract of Store says.
type folder struct {
	etag  string
	body  []byte
	err   error
	calls int
	step  int
}

func (f *folder) Download(_ context.Context, obj schemas.ObjectPin, path string, progress func(int64)) (sum [sha256.Size]byte, err error) {
	f.calls++
	if f.err != nil {
		return sum, f.err
	}
	if obj.ETag != f.etag {
		return sum, pipeline.Reject("FILE_CHANGED", "read object")
	}
	for done := 0; done < len(f.body); {
		done = min(done+f.step, len(f.body))
		progress(int64(done))
	}
	return sha256.Sum256(f.body), os.WriteFile(path, f.body, 0o600)
}

func setup(t *testing.T, body string) (*folder, *pipeline.Run) {
	t.Helper()
	run := &pipeline.Run{
		Dir:    t.TempDir(),
		Object: schemas.ObjectPin{Bucket: "b", Key: "uploads/default/x.csv", ETag: "e1", Size: int64(len(body))},
		Log:    slog.New(slog.DiscardHandler),
	}
	return &folder{etag: "e1", body: []byte(body), step: 7}, run
}

func TestFetchKeepsWhatItRead(t *testing.T) {
	t.Parallel()
	body := "telefone;nome\r\n5551999999999;Ana\r\n"
	store, run := setup(t, body)
	if err := (Stage{Store: store}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(run.Path)
	if err != nil || string(got) != body {
		t.Errorf("local copy = %q, %v; want %q", got, err, body)
	}
	if filepath.Dir(run.Path) != run.Dir {
		t.Errorf("local copy at %s, want it in %s", run.Path, run.Dir)
	}
	sum := sha256.Sum256([]byte(body))
	want := schemas.Facts{Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
	if diff := cmp.Diff(want, run.Facts); diff != "" {
		t.Errorf("facts mismatch (-want +got):\n%s", diff)
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*folder, *pipeline.Run)
		code   string
		detail string
		reads  int
	}{
		{name: "no byte", code: "FILE_EMPTY",
			change: func(_ *folder, r *pipeline.Run) { r.Object.Size = 0 }},
		{name: "one byte over the account's limit, unread", code: "FILE_TOO_LARGE", detail: "78643201 B > 78643200 B",
			change: func(_ *folder, r *pipeline.Run) {
				r.Account.Settings.MaxFileSize = 75 << 20
				r.Object.Size = 75<<20 + 1
			}},
		{name: "over the default limit of 5 GiB", code: "FILE_TOO_LARGE", detail: "6 GiB > 5 GiB",
			change: func(_ *folder, r *pipeline.Run) { r.Object.Size = 6 << 30 }},
		{name: "overwritten since", code: "FILE_CHANGED", reads: 1,
			change: func(f *folder, _ *pipeline.Run) { f.etag = "e2" }},
		{name: "shorter than announced under the same ETag", code: "FILE_CHANGED", reads: 1,
			change: func(f *folder, _ *pipeline.Run) { f.body = f.body[:3] }},
		{name: "other bytes than the attempt before", code: "FILE_CHANGED", reads: 1,
			change: func(_ *folder, r *pipeline.Run) { r.Facts.SHA256 = strings.Repeat("0", 64) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, run := setup(t, "a;b\n1;2\n")
			tt.change(store, run)
			stage := Stage{Store: store, Free: func(string) (int64, error) { return math.MaxInt64, nil }}
			err := stage.Run(t.Context(), run)
			if pipeline.KindOf(err) != pipeline.KindRejected || pipeline.CodeOf(err) != tt.code {
				t.Errorf("error %v (kind %s), want %s", err, pipeline.KindOf(err), tt.code)
			}
			want := []schemas.FileIssue{{Code: tt.code, Severity: schemas.SeverityError, Detail: tt.detail}}
			if diff := cmp.Diff(want, run.Facts.Issues); diff != "" {
				t.Errorf("issues mismatch (-want +got):\n%s", diff)
			}
			if store.calls != tt.reads {
				t.Errorf("%d downloads, want %d", store.calls, tt.reads)
			}
			if run.Path != "" {
				t.Errorf("path %q is set for a refused file", run.Path)
			}
		})
	}
}

func TestFetchKeepsTheKindOfTheStore(t *testing.T) {
	t.Parallel()
	store, run := setup(t, "a\n1\n")
	store.err = &pipeline.Error{Op: "read object", Kind: pipeline.KindTransient, Err: errors.New("unreachable")}
	err := Stage{Store: store}.Run(t.Context(), run)
	if pipeline.KindOf(err) != pipeline.KindTransient || len(run.Facts.Issues) != 0 {
		t.Errorf("error %v, issues %v; want a transient error and no issue", err, run.Facts.Issues)
	}
}

func TestFetchNeedsRoom(t *testing.T) {
	t.Parallel()
	store, run := setup(t, "a\n1\n")
	stage := Stage{Store: store, Free: func(string) (int64, error) { return 10 << 20, nil }}
	err := stage.Run(t.Context(), run)
	if pipeline.KindOf(err) != pipeline.KindTransient || pipeline.HintOf(err) == "" {
		t.Errorf("error %v, want a transient one with a hint", err)
	}
	if store.calls != 0 || !strings.Contains(err.Error(), "10 MiB free") {
		t.Errorf("%d downloads, error %q", store.calls, err)
	}
	if _, err := freeBytes(run.Dir); err != nil {
		t.Errorf("freeBytes: %v", err)
	}
}

func TestFetchReportsProgressInSteps(t *testing.T) {
	t.Parallel()
	store, run := setup(t, strings.Repeat("x", 3<<20+5))
	store.step = 1000
	var seen []pipeline.Progress
	run.Progress = func(p pipeline.Progress) { seen = append(seen, p) }
	if err := (Stage{Store: store}).Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if len(seen) < 3 || len(seen) > 6 {
		t.Errorf("%d reports for 3 MiB, want one for each", len(seen))
	}
	last := pipeline.Progress{Stage: "fetch", Bytes: 3<<20 + 5, TotalBytes: 3<<20 + 5}
	if diff := cmp.Diff(last, seen[len(seen)-1]); diff != "" {
		t.Errorf("last report mismatch (-want +got):\n%s", diff)
	}
}

func TestUnpinnedObjectIsNeverRead(t *testing.T) {
	t.Parallel()
	store, run := setup(t, "a\n1\n")
	run.Object.ETag = ""
	if err := (Stage{Store: store}).Run(t.Context(), run); err == nil || store.calls != 0 {
		t.Errorf("error %v after %d downloads, want one before any", err, store.calls)
	}
}
