package objstoretest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
)

func BenchmarkPut(b *testing.B) {
	s := objstoretest.New(b)
	i := 0
	for b.Loop() {
		i++
		if _, err := s.Put(b.Context(), fmt.Sprintf("uploads/%d.csv", i), strings.NewReader("a"), objstore.PutOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHead(b *testing.B) {
	s := objstoretest.New(b)
	if _, err := s.Put(b.Context(), "k", strings.NewReader("a"), objstore.PutOptions{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Head(b.Context(), "k", ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList walks 3,000 uploaded objects in one folder.
func BenchmarkList(b *testing.B) {
	const count = 3_000
	s := objstoretest.New(b)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range count {
		group.Go(func() error {
			_, err := s.Put(b.Context(), fmt.Sprintf("uploads/default/%05d.csv", i), strings.NewReader("a"), objstore.PutOptions{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for page, err := range s.List(b.Context(), "uploads/", "") {
			if err != nil {
				b.Fatal(err)
			}
			n += len(page.Objects)
		}
		if n != count {
			b.Fatalf("%d objects, want %d", n, count)
		}
	}
}

// BenchmarkDownload reads an object of 200 MiB.
func BenchmarkDownload(b *testing.B) {
	const size = 200 << 20
	s := objstoretest.New(b)
	path := filepath.Join(b.TempDir(), "big")
	if err := os.WriteFile(path, objstoretest.Bytes(size), 0o600); err != nil {
		b.Fatal(err)
	}
	obj, err := s.PutFile(b.Context(), "big", path, objstore.PutOptions{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Download(b.Context(), obj, path+".back", nil); err != nil {
			b.Fatal(err)
		}
	}
}
