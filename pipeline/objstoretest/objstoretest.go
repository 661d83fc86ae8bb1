// Package objstoretest gives tests a real object store, a suite that every object
// store must pass, and faults to put between a store and its server.
package objstoretest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstore/locals3"
)

// New gives a fresh, empty bucket on the test binary's own S3 server. Tests may run
// in parallel. The server starts with the first bucket and ends, with its data,
// when the last test that holds one is done.
func New(t testing.TB) *objstore.Store {
	t.Helper()
	server := shared.acquire(t)
	cfg := objstore.Config{
		Endpoint:        server.Endpoint(),
		Bucket:          "test-" + strings.ToLower(rand.Text()),
		AccessKeyID:     accessKey,
		SecretAccessKey: secretKey,
	}
	store := Open(t, cfg, nil)
	if err := store.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

// Open gives a store for cfg whose requests pass through the wrapper, which may be
// nil. It serves to put [Faults] between a store and the bucket of another:
//
//	faulty := objstoretest.Open(t, store.Config(), func(next http.RoundTripper) http.RoundTripper { … })
func Open(t testing.TB, cfg objstore.Config, wrap func(next http.RoundTripper) http.RoundTripper) *objstore.Store {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 16
	t.Cleanup(transport.CloseIdleConnections)
	cfg.HTTPClient = &http.Client{Transport: transport}
	if wrap != nil {
		cfg.HTTPClient.Transport = wrap(transport)
	}
	store, err := objstore.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// Keys of the test server; no secret.
const accessKey, secretKey = "BATEIATEST", "object store of the tests"

// server is shared by all tests of a binary, because versitygw allows only one per
// process.
type server struct {
	mu    sync.Mutex
	users int
	s3    *locals3.Server
	dir   string
}

var shared server

func (s *server) acquire(t testing.TB) *locals3.Server {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		dir, err := os.MkdirTemp("", "bateia-objstoretest-")
		if err != nil {
			t.Fatal(err)
		}
		s.s3, err = locals3.Start(context.Background(), locals3.Options{
			Root:       filepath.Join(dir, "objects"),
			SidecarDir: filepath.Join(dir, "meta"),
			AccessKey:  accessKey,
			SecretKey:  secretKey,
			Logger:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
		})
		if err != nil {
			os.RemoveAll(dir)
			t.Fatal(err)
		}
		s.dir = dir
	}
	s.users++
	t.Cleanup(func() { s.release(t) })
	return s.s3
}

func (s *server) release(t testing.TB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	if err := s.s3.Stop(); err != nil {
		t.Errorf("stop the test object store: %v", err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Error(err)
	}
}
