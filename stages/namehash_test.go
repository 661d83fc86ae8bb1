package stages_test

import (
	"context"
	"testing"

	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/stages/history"
)

// TestNameHashIsThatOfTheWorkset: identities are written from the workset and
// computed again in Go.
func TestNameHashIsThatOfTheWorkset(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w, err := duck.Open(ctx, t.TempDir(), duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, name := range []string{"ana", "jose da silva", "x", "中村"} {
		var want int64
		if _, err := w.Scan(ctx, "select (md5_number_lower(?)::bit)::bigint", []any{name}, &want); err != nil {
			t.Fatal(err)
		}
		if got := history.NameHash(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}
