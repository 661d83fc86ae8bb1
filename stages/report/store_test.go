package report

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
)

// Names that people give files must become keys that a server over a file
// system takes and gives back.
func TestReportLiesInARealBucket(t *testing.T) {
	t.Parallel()
	store := objstoretest.New(t)
	put := func(ctx context.Context, key, path, contentType string) error {
		_, err := store.PutFile(ctx, key, path, objstore.PutOptions{ContentType: contentType}, nil)
		return err
	}
	for _, name := range []string{"leads.csv", "Lista São João (2) #1 100% +ok.csv", "..", "a/b\\c\x01.csv", " ", strings.Repeat("ção", 80) + ".csv", "日本語.csv"} {
		s := summary("pt-BR")
		s.FileName = name
		names, err := Writer{Put: put, Dir: t.TempDir()}.Write(t.Context(), s, refusals)
		if err != nil {
			t.Errorf("file %q: %v", name, err)
			continue
		}
		for _, key := range []string{names.Text, names.JSON, names.Feedback} {
			obj, err := store.Head(t.Context(), key, "")
			if err != nil || !strings.HasPrefix(obj.ContentType, "text/") && obj.ContentType != "application/json" {
				t.Errorf("file %q: object %q of type %q, %v", name, key, obj.ContentType, err)
			}
		}
		obj, err := store.Head(t.Context(), names.Text, "")
		if err != nil {
			continue // reported above
		}
		path := filepath.Join(t.TempDir(), "text")
		if _, err := store.Download(t.Context(), obj, path, nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "0193c0ffee1234") {
			t.Errorf("file %q: text %q, %v", name, text, err)
		}
	}
}
