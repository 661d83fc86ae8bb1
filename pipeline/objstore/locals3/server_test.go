package locals3_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstore/locals3"
)

// One server per process: the tests of this package cannot run in parallel.

const bucket = "bateia"

// options give a server with data in a folder of the test.
func options(t *testing.T) locals3.Options {
	dir := t.TempDir()
	return locals3.Options{
		Root: filepath.Join(dir, "objects"), SidecarDir: filepath.Join(dir, "meta"),
		AccessKey: "BATEIATEST", SecretKey: "secret of the tests", Buckets: []string{bucket},
		Logger: slog.New(slog.NewTextHandler(failOnLog{t}, nil)),
	}
}

// failOnLog makes every log line a failure: nothing unexpected happens here.
type failOnLog struct{ t *testing.T }

func (w failOnLog) Write(p []byte) (int, error) {
	w.t.Errorf("logged %s", p)
	return len(p), nil
}

func start(t *testing.T, o locals3.Options) (*locals3.Server, *objstore.Store) {
	t.Helper()
	server, err := locals3.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	store, err := objstore.Open(t.Context(), objstore.Config{
		Endpoint: server.Endpoint(), Bucket: bucket, AccessKeyID: o.AccessKey, SecretAccessKey: o.SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	return server, store
}

func put(t *testing.T, s *objstore.Store, key, body string) objstore.Object {
	t.Helper()
	obj, err := s.Put(t.Context(), key, strings.NewReader(body), objstore.PutOptions{
		ContentType: "text/csv", Metadata: map[string]string{"bateia-list": "feira"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

func list(t *testing.T, s *objstore.Store) []objstore.Object {
	t.Helper()
	var out []objstore.Object
	for page, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Objects...)
	}
	return out
}

func TestDataSurvivesARestart(t *testing.T) {
	o := options(t)
	server, store := start(t, o)
	want := put(t, store, "uploads/default/feira/é.csv", "a;b\n")
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(filepath.Join(o.Root, bucket, "uploads/default/feira/é.csv"))
	if err != nil || string(plain) != "a;b\n" {
		t.Errorf("the plain file holds %q, %v", plain, err)
	}
	u, err := url.Parse(server.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	if o.Port, err = strconv.Atoi(u.Port()); err != nil {
		t.Fatal(err)
	}
	again, store := start(t, o)
	if again.Endpoint() != server.Endpoint() {
		t.Errorf("endpoint %s, want %s again", again.Endpoint(), server.Endpoint())
	}
	got, err := store.Head(t.Context(), want.Key, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object mismatch (-before +after):\n%s", diff)
	}
}

func TestStart(t *testing.T) {
	o := options(t)
	server, _ := start(t, o)
	other := options(t)
	if _, err := locals3.Start(t.Context(), other); !errors.Is(err, locals3.ErrRunning) {
		t.Errorf("second server = %v, want ErrRunning", err)
	}
	before := time.Now()
	if err := server.Stop(); err != nil { // a connection of the client is still open
		t.Error(err)
	}
	if d := time.Since(before); d > 3*time.Second {
		t.Errorf("Stop took %s", d)
	}
	select {
	case <-server.Done():
	default:
		t.Error("Done is open after Stop")
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o.Port = taken.Addr().(*net.TCPAddr).Port
	if _, err := locals3.Start(t.Context(), o); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("taken port = %v, want EADDRINUSE", err)
	}
	for name, bad := range map[string]func(*locals3.Options){
		"no keys":       func(o *locals3.Options) { o.SecretKey = "" },
		"no root":       func(o *locals3.Options) { o.Root = "" },
		"sidecar below": func(o *locals3.Options) { o.SidecarDir = filepath.Join(o.Root, "meta") },
	} {
		o := options(t)
		bad(&o)
		if s, err := locals3.Start(t.Context(), o); err == nil {
			s.Stop()
			t.Errorf("%s: started", name)
		}
	}
	start(t, options(t)) // none of these failures is in the way
}

func TestProcessIsLeftAlone(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout, os.Stderr = w, w
	server, store := start(t, options(t))
	put(t, store, "a", "x")
	store.Head(t.Context(), "missing", "")
	list(t, store)
	server.Stop()
	w.Close()
	os.Stdout, os.Stderr = stdout, stderr
	if said, err := io.ReadAll(r); err != nil || len(said) != 0 {
		t.Errorf("the server printed %q, %v", said, err)
	}
	if now, err := os.Getwd(); err != nil || now != dir {
		t.Errorf("working directory %s, %v; was %s", now, err, dir)
	}
}

func TestEvents(t *testing.T) {
	o := options(t)
	var mu sync.Mutex
	var got []string
	enter, leave := make(chan struct{}, 1), make(chan struct{})
	o.OnEvent = func(bucket, key, event string) {
		select {
		case enter <- struct{}{}:
		default:
		}
		<-leave
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprint(bucket, " ", key, " ", event))
	}
	server, store := start(t, o)
	var want []string
	for i := range 20 { // all while the callback stands still
		key := fmt.Sprintf("uploads/default/%02d-%s.csv", i, strings.Repeat("x", i))
		put(t, store, key, "x")
		want = append(want, bucket+" "+key+" s3:ObjectCreated:Put")
	}
	if err := store.Delete(t.Context(), "uploads/default/00-.csv", "never there"); err != nil {
		t.Fatal(err)
	}
	want = append(want, bucket+" uploads/default/00-.csv s3:ObjectRemoved:Delete")
	<-enter
	close(leave)
	if err := server.Stop(); err != nil { // waits for what is queued
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events mismatch (-want +got):\n%s", diff)
	}
}

func TestFilesPutThereByHand(t *testing.T) {
	o := options(t)
	_, store := start(t, o)
	dir := filepath.Join(o.Root, bucket, "uploads", "default")
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	write := func(name, body string, at time.Time) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("feira/a.csv", "one", old)
	write("under-way.csv", "half of", time.Now())
	write("control\x01name.csv", "x", old)
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}

	all := list(t, store)
	if len(all) != 1 || all[0].Key != "uploads/default/feira/a.csv" || all[0].ETag == "" || all[0].Size != 3 || !all[0].LastModified.Equal(old) {
		t.Fatalf("list = %+v, want the one quiet file", all)
	}
	head, err := store.Head(t.Context(), all[0].Key, "")
	if err != nil {
		t.Fatal(err)
	}
	if head.ETag != all[0].ETag {
		t.Errorf("ETag %s in the list, %s by head", all[0].ETag, head.ETag)
	}
	if _, err := store.Put(t.Context(), head.Key, strings.NewReader("x"), objstore.PutOptions{IfNoneMatch: true}); !errors.Is(err, objstore.ErrExists) {
		t.Errorf("conditional put over it = %v, want ErrExists", err)
	}

	// Edited by hand: other content under another ETag, whoever wrote it first.
	uploaded := put(t, store, "uploads/default/b.csv", "abc")
	for key, before := range map[string]objstore.Object{"feira/a.csv": head, "b.csv": uploaded} {
		write(key, "two", old.Add(time.Second))
		if _, err := store.ReadRange(t.Context(), before, 0, 3); !errors.Is(err, objstore.ErrChanged) {
			t.Errorf("%s: reading what was there before = %v, want ErrChanged", key, err)
		}
		now, err := store.Head(t.Context(), before.Key, "")
		if err != nil {
			t.Fatal(err)
		}
		if now.ETag == before.ETag || len(now.Metadata) != 0 {
			t.Errorf("%s: edited file kept ETag or metadata: %+v", key, now)
		}
		if b, err := store.ReadRange(t.Context(), now, 0, 3); err != nil || string(b) != "two" {
			t.Errorf("%s: reads %q, %v", key, b, err)
		}
	}

	// Removed by hand, and overwritten through the server.
	if err := os.Remove(filepath.Join(dir, "b.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Head(t.Context(), uploaded.Key, ""); !errors.Is(err, objstore.ErrNotFound) {
		t.Errorf("head of a removed file = %v, want ErrNotFound", err)
	}
	if again := put(t, store, uploaded.Key, "abc"); again.ETag != uploaded.ETag {
		t.Errorf("the same content has ETag %s, had %s", again.ETag, uploaded.ETag)
	}
	put(t, store, head.Key, "three")
	if err := store.Delete(t.Context(), head.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "feira")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder outlives its last file: %v", err)
	}
}

// An archive keeps whole seconds only; the ETags of what it brings back stay.
func TestTimesInWholeSeconds(t *testing.T) {
	o := options(t)
	_, store := start(t, o)
	want := put(t, store, "a.csv", "abc")
	path := filepath.Join(o.Root, bucket, "a.csv")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := info.ModTime().Truncate(time.Second)
	if err := os.Chtimes(path, whole, whole); err != nil {
		t.Fatal(err)
	}
	got, err := store.Head(t.Context(), "a.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object mismatch (-before +after):\n%s", diff)
	}
}

func TestLeftoversOfACrash(t *testing.T) {
	o := options(t)
	staged := filepath.Join(o.Root, ".staging")
	if err := os.MkdirAll(filepath.Join(staged, "upload-OLD"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(staged, "upload-NEW"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(staged, "put-X"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(staged, "upload-OLD"), old, old); err != nil {
		t.Fatal(err)
	}
	_, store := start(t, o)
	entries, err := os.ReadDir(staged)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "upload-NEW" {
		t.Errorf("staging holds %v, want the young upload only", entries)
	}
	put(t, store, "a", "x")
	if entries, _ := os.ReadDir(staged); len(entries) != 1 {
		t.Errorf("a put leaves %v in staging", entries)
	}
}
