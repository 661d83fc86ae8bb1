package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A query removes what queries left that were killed, and nothing of anybody else.
func TestQueryScratch(t *testing.T) {
	t.Parallel()
	scratch, old := t.TempDir(), time.Now().Add(-24*time.Hour)
	for _, name := range []string{"00000000000000-query-1", "01a1fbd055b100-1-apply"} {
		dir := filepath.Join(scratch, "bateia", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	made, err := queryScratch(scratch)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(scratch, "bateia"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{filepath.Base(made), "01a1fbd055b100-1-apply"}; !slices.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
}
