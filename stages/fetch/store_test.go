package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
	"github.com/bateia/bateia/schemas"
)

// bucket reads from a real one as the program does.
type bucket struct{ store *objstore.Store }

func (b bucket) Download(ctx context.Context, o schemas.ObjectPin, path string, progress func(int64)) ([sha256.Size]byte, error) {
	sum, err := b.store.Download(ctx, objstore.Object{Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size}, path, progress)
	if errors.Is(err, objstore.ErrChanged) || errors.Is(err, objstore.ErrNotFound) {
		return sum, &pipeline.Error{Op: "read object", Kind: pipeline.KindRejected, Code: "FILE_CHANGED", Err: err}
	}
	return sum, err
}

func TestFetchFromARealBucket(t *testing.T) {
	t.Parallel()
	store := objstoretest.New(t)
	body := strings.Repeat("telefone;nome\n5551999999999;Ana\n", 10_000)
	const key = "uploads/default/feira/leads de março.csv"
	pin := func(body string) schemas.ObjectPin {
		t.Helper()
		if _, err := store.Put(t.Context(), key, strings.NewReader(body), objstore.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		o, err := store.Head(t.Context(), key, "")
		if err != nil {
			t.Fatal(err)
		}
		return schemas.ObjectPin{Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size, Modified: o.LastModified}
	}
	fetch := func(pin schemas.ObjectPin) (*pipeline.Run, error) {
		run := &pipeline.Run{Dir: t.TempDir(), Object: pin, Log: slog.New(slog.DiscardHandler)}
		return run, Stage{Store: bucket{store}}.Run(t.Context(), run)
	}

	first := pin(body)
	run, err := fetch(first)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(run.Path)
	sum := sha256.Sum256([]byte(body))
	if err != nil || string(got) != body || run.Facts.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%d bytes with hash %s, %v; want the %d that were put", len(got), run.Facts.SHA256, err, len(body))
	}

	// Overwritten by as many other bytes: only the pin tells.
	second := pin(strings.ToUpper(body))
	if _, err := fetch(first); pipeline.CodeOf(err) != "FILE_CHANGED" {
		t.Errorf("an overwritten object: %v, want FILE_CHANGED", err)
	}
	if _, err := fetch(second); err != nil {
		t.Errorf("the new content: %v", err)
	}
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch(second); pipeline.CodeOf(err) != "FILE_CHANGED" {
		t.Errorf("a deleted object: %v, want FILE_CHANGED", err)
	}
}
