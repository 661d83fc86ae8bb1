package objstoretest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline/objstore"
)

// Conformance is what Bateia expects of an object store, for any server that open
// connects to. open gives an empty bucket each time it is called.
func Conformance(t *testing.T, open func(t *testing.T) *objstore.Store) {
	cases := []struct {
		name string
		run  func(t *testing.T, s *objstore.Store)
	}{
		{"probe", testProbe},
		{"put and head agree", testPutHead},
		{"overwriting leaves nothing of the old object", testOverwrite},
		{"missing objects", testMissing},
		{"list order, prefix and start", testList},
		{"list pages", testListPages},
		{"odd keys", testOddKeys},
		{"download sizes", testDownload},
		{"read ranges", testReadRange},
		{"pinned content only", testPinned},
		{"put when free", testIfNoneMatch},
		{"large files by parts", testParts},
		{"delete", testDelete},
		{"presign", testPresign},
		{"ensure bucket twice", testEnsureBucket},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

// Bytes gives n bytes that look random and are the same for the same n.
func Bytes(n int) []byte {
	b := make([]byte, n)
	var seed [32]byte
	copy(seed[:], fmt.Sprint("bytes", n))
	rand.NewChaCha8(seed).Read(b)
	return b
}

func put(t *testing.T, s *objstore.Store, key string, body []byte) objstore.Object {
	t.Helper()
	obj, err := s.Put(t.Context(), key, bytes.NewReader(body), objstore.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

func keys(t *testing.T, s *objstore.Store, prefix, startAfter string) []string {
	t.Helper()
	var out []string
	for page, err := range s.List(t.Context(), prefix, startAfter) {
		if err != nil {
			t.Fatal(err)
		}
		for _, obj := range page.Objects {
			out = append(out, obj.Key)
		}
	}
	return out
}

func testProbe(t *testing.T, s *objstore.Store) {
	got, err := s.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := objstore.Capabilities{ListV2: true, IfMatch: true, Ranges: true, IfNoneMatch: true, Metadata: true, Versioning: got.Versioning}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("capabilities mismatch (-want +got):\n%s", diff)
	}
	if left := keys(t, s, "", ""); len(left) != 0 {
		t.Errorf("the probe left %v behind", left)
	}
}

func testPutHead(t *testing.T, s *objstore.Store) {
	before := time.Now().Add(-time.Minute)
	written, err := s.Put(t.Context(), "uploads/default/feira/x.csv", strings.NewReader("a;b\n1;2\n"), objstore.PutOptions{
		ContentType: "text/csv", Metadata: map[string]string{"bateia-list": "feira", "other": "x y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	head, err := s.Head(t.Context(), written.Key, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written, head); diff != "" {
		t.Errorf("head mismatch (-put +head):\n%s", diff)
	}
	if head.Bucket != s.Bucket() || head.Size != 8 || head.ETag == "" || strings.Contains(head.ETag, `"`) || head.LastModified.Before(before) {
		t.Errorf("head = %+v", head)
	}
	for page, err := range s.List(t.Context(), "uploads/", "") {
		if err != nil {
			t.Fatal(err)
		}
		want := []objstore.Object{{Bucket: head.Bucket, Key: head.Key, ETag: head.ETag, Size: head.Size, LastModified: head.LastModified}}
		if diff := cmp.Diff(want, page.Objects); diff != "" {
			t.Errorf("listed mismatch (-head +list):\n%s", diff)
		}
	}
}

func testOverwrite(t *testing.T, s *objstore.Store) {
	first, err := s.Put(t.Context(), "k", strings.NewReader("one"), objstore.PutOptions{
		ContentType: "text/csv", Metadata: map[string]string{"bateia-list": "feira"},
	})
	if err != nil {
		t.Fatal(err)
	}
	second := put(t, s, "k", []byte("two"))
	if second.ETag == first.ETag {
		t.Error("other content has the same ETag")
	}
	head, err := s.Head(t.Context(), "k", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(head.Metadata) != 0 || head.ContentType != "application/octet-stream" {
		t.Errorf("kept metadata %v and content type %q of the object before", head.Metadata, head.ContentType)
	}
}

func testMissing(t *testing.T, s *objstore.Store) {
	put(t, s, "a/b", []byte("x"))
	for _, key := range []string{"nothing", "a", "a/b/c", "a/"} {
		if _, err := s.Head(t.Context(), key, ""); !errors.Is(err, objstore.ErrNotFound) {
			t.Errorf("Head(%q) = %v, want ErrNotFound", key, err)
		}
		_, err := s.Download(t.Context(), objstore.Object{Key: key, ETag: "x", Size: 1}, filepath.Join(t.TempDir(), "f"), nil)
		if !errors.Is(err, objstore.ErrNotFound) {
			t.Errorf("Download(%q) = %v, want ErrNotFound", key, err)
		}
	}
	cfg := s.Config()
	cfg.Bucket += "-none"
	other := Open(t, cfg, nil)
	for _, err := range other.List(t.Context(), "", "") {
		if !errors.Is(err, objstore.ErrNotFound) {
			t.Errorf("List of a missing bucket = %v, want ErrNotFound", err)
		}
	}
}

func testList(t *testing.T, s *objstore.Store) {
	// "a-b" < "a/b" < "a0" in bytes, whatever a folder's order is.
	all := []string{"a-b", "a/b", "a/c/d", "a0", "b", "uploads/a.csv", "uploads/b/c.csv", "é"}
	for _, key := range all {
		put(t, s, key, []byte(key))
	}
	for _, c := range []struct {
		prefix, after string
		want          []string
	}{
		{"", "", all},
		{"a", "", []string{"a-b", "a/b", "a/c/d", "a0"}},
		{"a/", "", []string{"a/b", "a/c/d"}},
		{"a/", "a/b", []string{"a/c/d"}},
		{"", "a/c", []string{"a/c/d", "a0", "b", "uploads/a.csv", "uploads/b/c.csv", "é"}},
		{"uploads/b", "", []string{"uploads/b/c.csv"}},
		{"nothing/", "", nil},
		{"", "é", nil},
	} {
		if diff := cmp.Diff(c.want, keys(t, s, c.prefix, c.after)); diff != "" {
			t.Errorf("List(%q, %q) mismatch (-want +got):\n%s", c.prefix, c.after, diff)
		}
	}
}

func testListPages(t *testing.T, s *objstore.Store) {
	const count, size = 230, 100
	cfg := s.Config()
	cfg.PageSize = size
	s = Open(t, cfg, nil)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range count {
		group.Go(func() error {
			_, err := s.Put(t.Context(), fmt.Sprintf("uploads/%03d/%04d.csv", i%7, i), strings.NewReader("x"), objstore.PutOptions{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	seen, pages, resume, last := map[string]bool{}, 0, "", ""
	for page, err := range s.List(t.Context(), "uploads/", "") {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, obj := range page.Objects {
			if seen[obj.Key] || obj.Key <= last {
				t.Fatalf("%s comes twice or out of order", obj.Key)
			}
			seen[obj.Key], last = true, obj.Key
		}
		if pages == 1 {
			resume = page.Next
		}
	}
	if len(seen) != count || pages != 3 {
		t.Errorf("%d keys on %d pages, want %d on 3", len(seen), pages, count)
	}
	if rest := keys(t, s, "uploads/", resume); len(rest) != count-size {
		t.Errorf("%d keys behind the first page, want %d", len(rest), count-size)
	}
}

func testOddKeys(t *testing.T, s *objstore.Store) {
	for _, key := range []string{
		"uploads/default/Relatório de vendas (março) 50% + bônus.csv",
		"uploads/default/a+b&c=d?e#f.csv",
		"uploads/default/100%25.csv",
		`uploads/default/aspas"e'<tags>.csv`,
		"uploads/default/日本語 🙂.csv",
		"uploads/default/ leading and trailing .csv ",
		"uploads/default/" + strings.Repeat("n", 200) + ".csv",
	} {
		obj := put(t, s, key, []byte(key))
		head, err := s.Head(t.Context(), key, "")
		if err != nil {
			t.Errorf("Head(%q): %v", key, err)
			continue
		}
		if got := keys(t, s, key, ""); !cmp.Equal(got, []string{key}) {
			t.Errorf("List(%q) = %q", key, got)
		}
		b, err := s.ReadRange(t.Context(), head, 0, head.Size)
		if err != nil || string(b) != key || head.ETag != obj.ETag {
			t.Errorf("ReadRange(%q) = %q, %v", key, b, err)
		}
	}
}

func testDownload(t *testing.T, s *objstore.Store) {
	cfg := s.Config()
	cfg.RangeSize = 64 << 10
	s = Open(t, cfg, nil)
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1<<20 + 17} {
		body := Bytes(size)
		obj := put(t, s, fmt.Sprint("size-", size), body)
		path := filepath.Join(t.TempDir(), "file")
		var last int64
		sum, err := s.Download(t.Context(), obj, path, func(done int64) {
			if done < last {
				t.Errorf("progress fell from %d to %d", last, done)
			}
			last = done
		})
		if err != nil {
			t.Errorf("%d bytes: %v", size, err)
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, body) || sum != sha256.Sum256(body) || last != int64(size) {
			t.Errorf("%d bytes: content, checksum or progress (%d) differ", size, last)
		}
		if _, err := os.Stat(path + ".part"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%d bytes: the part file is still there", size)
		}
	}
}

func testReadRange(t *testing.T, s *objstore.Store) {
	obj := put(t, s, "digits", []byte("0123456789"))
	for _, c := range []struct {
		off, n int64
		want   string
	}{{0, 10, "0123456789"}, {3, 4, "3456"}, {8, 100, "89"}, {10, 1, ""}, {50, 1, ""}, {4, 0, ""}} {
		got, err := s.ReadRange(t.Context(), obj, c.off, c.n)
		if err != nil || string(got) != c.want {
			t.Errorf("ReadRange(%d, %d) = %q, %v; want %q", c.off, c.n, got, err, c.want)
		}
	}
}

func testPinned(t *testing.T, s *objstore.Store) {
	for _, c := range []struct{ name, before, after string }{
		{"same size", "aaaa", "bbbb"}, {"shorter", "aaaa", "b"}, {"longer", "aaaa", "bbbbbbbb"},
		{"emptied", "aaaa", ""}, {"filled", "", "bbbb"},
	} {
		old := put(t, s, c.name, []byte(c.before))
		put(t, s, c.name, []byte(c.after))
		if old.VersionID != "" {
			continue // the version can still be read
		}
		path := filepath.Join(t.TempDir(), "file")
		if _, err := s.Download(t.Context(), old, path, nil); !errors.Is(err, objstore.ErrChanged) {
			t.Errorf("%s: Download = %v, want ErrChanged", c.name, err)
		}
		if found, _ := filepath.Glob(path + "*"); len(found) != 0 {
			t.Errorf("%s: left %v", c.name, found)
		}
		if _, err := s.ReadRange(t.Context(), old, 0, 4); old.Size > 0 && !errors.Is(err, objstore.ErrChanged) {
			t.Errorf("%s: ReadRange = %v, want ErrChanged", c.name, err)
		}
	}
}

func testIfNoneMatch(t *testing.T, s *objstore.Store) {
	results := make([]error, 8)
	var group errgroup.Group
	for i := range results {
		group.Go(func() error {
			_, results[i] = s.Put(t.Context(), "claim", strings.NewReader(fmt.Sprint("claim ", i)), objstore.PutOptions{IfNoneMatch: true})
			return nil
		})
	}
	group.Wait()
	won := -1
	for i, err := range results {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			t.Errorf("both %d and %d won", won, i)
		case !errors.Is(err, objstore.ErrExists) && !errors.Is(err, objstore.ErrUnavailable):
			t.Errorf("claim %d = %v, want ErrExists", i, err)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	head, err := s.Head(t.Context(), "claim", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.ReadRange(t.Context(), head, 0, 100); err != nil || string(got) != fmt.Sprint("claim ", won) {
		t.Errorf("the object holds %q, %v; the winner was %d", got, err, won)
	}
}

func testParts(t *testing.T, s *objstore.Store) {
	cfg := s.Config()
	cfg.RangeSize = 5 << 20
	s = Open(t, cfg, nil)
	body := Bytes(17<<20 + 3)
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	var last int64
	opts := objstore.PutOptions{ContentType: "text/csv", Metadata: map[string]string{"bateia-list": "feira"}, IfNoneMatch: true}
	obj, err := s.PutFile(t.Context(), "large", path, opts, func(done int64) { last = done })
	if err != nil {
		t.Fatal(err)
	}
	if last != int64(len(body)) {
		t.Errorf("progress ended at %d of %d", last, len(body))
	}
	head, err := s.Head(t.Context(), "large", "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(obj, head); diff != "" {
		t.Errorf("head mismatch (-put +head):\n%s", diff)
	}
	back := filepath.Join(t.TempDir(), "back")
	if sum, err := s.Download(t.Context(), head, back, nil); err != nil || sum != sha256.Sum256(body) {
		t.Errorf("downloaded parts differ: %v", err)
	}
	if _, err := s.PutFile(t.Context(), "large", path, opts, nil); !errors.Is(err, objstore.ErrExists) {
		t.Errorf("second PutFile with IfNoneMatch = %v, want ErrExists", err)
	}
}

func testDelete(t *testing.T, s *objstore.Store) {
	put(t, s, "a/b/c", []byte("x"))
	put(t, s, "a/d", []byte("x"))
	put(t, s, "e", []byte("x"))
	if err := s.Delete(t.Context(), "a/b/c", "e", "never there"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/d"}, keys(t, s, "", "")); diff != "" {
		t.Errorf("keys left mismatch (-want +got):\n%s", diff)
	}
	put(t, s, "a/b", []byte("x")) // the folder a/b is gone with its last object
}

func testPresign(t *testing.T, s *objstore.Store) {
	put(t, s, "results/público.txt", []byte("hello"))
	link, err := s.Presign(t.Context(), "results/público.txt", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url string
		status    int
		body      string
	}{
		{"signed", link, http.StatusOK, "hello"},
		{"without signature", link[:strings.Index(link, "?")], http.StatusForbidden, ""},
	} {
		res, err := http.Get(c.url)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || c.body != "" && string(got) != c.body {
			t.Errorf("%s: status %d, body %q, %v", c.name, res.StatusCode, got, err)
		}
	}
}

func testEnsureBucket(t *testing.T, s *objstore.Store) {
	if err := s.EnsureBucket(t.Context()); err != nil {
		t.Error(err)
	}
	cfg := s.Config()
	cfg.Bucket += "-new"
	fresh := Open(t, cfg, nil)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error { return fresh.EnsureBucket(t.Context()) })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
