package objstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
)

// setup puts an object of size bytes and opens a second store on its bucket, with
// small ranges and the faults of rule in between.
func setup(t *testing.T, size int, rule func(n int, req *http.Request) objstoretest.Fault) bundle {
	t.Helper()
	b := bundle{clean: objstoretest.New(t), body: objstoretest.Bytes(size), path: filepath.Join(t.TempDir(), "file")}
	var err error
	b.obj, err = b.clean.Put(t.Context(), "object", bytes.NewReader(b.body), objstore.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := b.clean.Config()
	cfg.RangeSize, cfg.Attempts, cfg.RetryWait = 64<<10, 5, time.Millisecond
	b.store = objstoretest.Open(t, cfg, func(next http.RoundTripper) http.RoundTripper {
		b.faults = &objstoretest.Faults{Next: next, Rule: rule}
		return b.faults
	})
	return b
}

type bundle struct {
	clean, store *objstore.Store
	faults       *objstoretest.Faults
	obj          objstore.Object
	body         []byte
	path         string
}

// download checks that the file is right, or on an error that nothing is left.
func (b bundle) download(t *testing.T) error {
	t.Helper()
	sum, err := b.store.Download(t.Context(), b.obj, b.path, nil)
	if err != nil {
		if left, _ := filepath.Glob(b.path + "*"); len(left) != 0 {
			t.Errorf("left %v behind after %v", left, err)
		}
		return err
	}
	got, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.body) || sum != sha256.Sum256(b.body) {
		t.Error("the file differs from the object")
	}
	return nil
}

func TestDownloadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	cut := objstoretest.Fault{Cut: true, CutAfter: 20_000}
	for _, c := range []struct {
		name string
		rule func(n int, req *http.Request) objstoretest.Fault
		// requests is the largest number that resuming, not starting over, takes.
		requests int
	}{
		{"untouched", func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{} }, 16},
		{"every third range cut", func(n int, _ *http.Request) objstoretest.Fault {
			if n%3 == 0 {
				return cut
			}
			return objstoretest.Fault{}
		}, 16 + 12},
		{"every answer cut", func(int, *http.Request) objstoretest.Fault { return cut }, 16 * 4},
		{"every other answer cut without a word", func(n int, _ *http.Request) objstoretest.Fault {
			if n%2 == 0 {
				return objstoretest.Fault{Cut: true, CutAfter: 20_000, Quietly: true}
			}
			return objstoretest.Fault{}
		}, 16 * 4},
		{"server errors in between", func(n int, _ *http.Request) objstoretest.Fault {
			if n%3 == 0 {
				return objstoretest.Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
			}
			return objstoretest.Fault{}
		}, 16 + 16},
		{"connections refused in between", func(n int, _ *http.Request) objstoretest.Fault {
			if n%3 == 0 {
				return objstoretest.Fault{Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
			}
			return objstoretest.Fault{}
		}, 16 + 16},
		{"tiny reads", func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{Slow: 1300} }, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, size, c.rule)
			if err := b.download(t); err != nil {
				t.Fatal(err)
			}
			if n := b.faults.Requests(); n > c.requests {
				t.Errorf("%d requests, want at most %d", n, c.requests)
			}
		})
	}
}

func TestDownloadAfterStall(t *testing.T) {
	t.Parallel()
	var stalled atomic.Bool
	b := setup(t, 300_000, func(int, *http.Request) objstoretest.Fault {
		if stalled.CompareAndSwap(false, true) {
			return objstoretest.Fault{Stall: true, CutAfter: 10_000}
		}
		return objstoretest.Fault{}
	})
	cfg := b.store.Config()
	cfg.StallTimeout = 300 * time.Millisecond
	b.store = objstoretest.Open(t, cfg, func(next http.RoundTripper) http.RoundTripper { b.faults.Next = next; return b.faults })
	if err := b.download(t); err != nil {
		t.Fatal(err)
	}
	if !stalled.Load() {
		t.Error("nothing stalled")
	}
}

func TestDownloadGivesUp(t *testing.T) {
	t.Parallel()
	always := func(f objstoretest.Fault) func(int, *http.Request) objstoretest.Fault {
		return func(int, *http.Request) objstoretest.Fault { return f }
	}
	for _, c := range []struct {
		name string
		rule func(int, *http.Request) objstoretest.Fault
		want error
		kind pipeline.Kind
		code string
	}{
		{"cut at once, always", always(objstoretest.Fault{Cut: true}), objstore.ErrTruncated, pipeline.KindTransient, ""},
		{"empty answers", always(objstoretest.Fault{Cut: true, Quietly: true}), objstore.ErrTruncated, pipeline.KindTransient, ""},
		{"server down", always(objstoretest.Fault{Status: 500}), objstore.ErrUnavailable, pipeline.KindTransient, ""},
		{"unreachable", always(objstoretest.Fault{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}), objstore.ErrUnavailable, pipeline.KindTransient, ""},
		{"denied", always(objstoretest.Fault{Status: 403, Code: "AccessDenied"}), objstore.ErrDenied, pipeline.KindPermanent, ""},
		{"gone", always(objstoretest.Fault{Status: 404, Code: "NoSuchKey"}), objstore.ErrNotFound, pipeline.KindRejected, "FILE_CHANGED"},
		{"gone in the middle", func(n int, _ *http.Request) objstoretest.Fault {
			if n > 5 {
				return objstoretest.Fault{Status: 404, Code: "NoSuchKey"}
			}
			return objstoretest.Fault{}
		}, objstore.ErrNotFound, pipeline.KindRejected, "FILE_CHANGED"},
		{"another ETag from a server that ignores If-Match", always(objstoretest.Fault{Header: map[string]string{"ETag": `"other"`}}),
			objstore.ErrChanged, pipeline.KindRejected, "FILE_CHANGED"},
		{"another size under the same ETag", func(_ int, req *http.Request) objstoretest.Fault {
			span := strings.Replace(req.Header.Get("Range"), "=", " ", 1)
			return objstoretest.Fault{Header: map[string]string{"Content-Range": span + "/999999"}}
		},
			objstore.ErrChanged, pipeline.KindRejected, "FILE_CHANGED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1<<20, c.rule)
			if err := b.download(t); !errors.Is(err, c.want) {
				t.Errorf("Download = %v, want %v", err, c.want)
			}
			_, err := objstore.Source{Store: b.store}.Download(t.Context(), b.obj.Pin(), b.path, nil)
			if pipeline.KindOf(err) != c.kind || pipeline.CodeOf(err) != c.code {
				t.Errorf("kind %q, code %q of %v; want %q, %q", pipeline.KindOf(err), pipeline.CodeOf(err), err, c.kind, c.code)
			}
		})
	}
}

func TestDownloadOfOverwrittenObject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		size int
	}{{"same size", 1 << 20}, {"longer", 2 << 20}, {"shorter", 1000}, {"emptied", 0}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var clean *objstore.Store
			var once sync.Once
			b := setup(t, 1<<20, func(n int, _ *http.Request) objstoretest.Fault {
				if n < 6 {
					return objstoretest.Fault{}
				}
				return objstoretest.Fault{Before: func() {
					once.Do(func() {
						body := bytes.Repeat([]byte("n"), c.size)
						if _, err := clean.Put(context.Background(), "object", bytes.NewReader(body), objstore.PutOptions{}); err != nil {
							t.Error(err)
						}
					})
				}}
			})
			clean = b.clean
			if err := b.download(t); !errors.Is(err, objstore.ErrChanged) {
				t.Errorf("Download = %v, want ErrChanged", err)
			}
		})
	}
}

func TestDownloadOfAVersion(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	b := setup(t, 200_000, func(_ int, req *http.Request) objstoretest.Fault {
		if req.URL.Query().Get("versionId") == "v1" {
			asked.Add(1)
			q := req.URL.Query()
			q.Del("versionId") // the server behind has no versions
			req.URL.RawQuery = q.Encode()
			return objstoretest.Fault{Status: 404, Code: "NoSuchVersion"}
		}
		return objstoretest.Fault{}
	})
	b.obj.VersionID = "v1"
	if err := b.download(t); !errors.Is(err, objstore.ErrNotFound) || asked.Load() == 0 {
		t.Errorf("Download = %v after %d requests for the version", err, asked.Load())
	}
}

func TestDownloadCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := setup(t, 1<<20, func(n int, _ *http.Request) objstoretest.Fault {
		if n == 4 {
			return objstoretest.Fault{Before: cancel}
		}
		return objstoretest.Fault{}
	})
	_, err := b.store.Download(ctx, b.obj, b.path, nil)
	if !errors.Is(err, context.Canceled) || errors.Is(err, objstore.ErrUnavailable) {
		t.Errorf("Download = %v, want context.Canceled", err)
	}
	if left, _ := filepath.Glob(b.path + "*"); len(left) != 0 {
		t.Errorf("left %v behind", left)
	}
}

func TestDownloadUnpinned(t *testing.T) {
	t.Parallel()
	b := setup(t, 10, func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{} })
	b.obj.ETag = ""
	if err := b.download(t); err == nil || b.faults.Requests() != 0 {
		t.Errorf("Download = %v after %d requests, want a refusal without any", err, b.faults.Requests())
	}
}

func TestDownloadToFullOrMissingFolder(t *testing.T) {
	t.Parallel()
	b := setup(t, 10, func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{} })
	_, err := b.store.Download(t.Context(), b.obj, filepath.Join(t.TempDir(), "missing", "file"), nil)
	if !errors.Is(err, os.ErrNotExist) || errors.Is(err, objstore.ErrNotFound) {
		t.Errorf("Download = %v, want the file system's error, not ErrNotFound", err)
	}
}

// A rapid property: whatever is cut, refused or delayed, the download is whole.
func TestDownloadUnderRandomFaults(t *testing.T) {
	t.Parallel()
	var rule atomic.Pointer[func(int) objstoretest.Fault]
	b := setup(t, 300_001, func(n int, _ *http.Request) objstoretest.Fault { return (*rule.Load())(n) })
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) objstoretest.Fault {
			switch rapid.IntRange(0, 5).Draw(rt, "fault") {
			case 0:
				return objstoretest.Fault{Cut: true, CutAfter: rapid.Int64Range(0, 70_000).Draw(rt, "after")}
			case 1:
				return objstoretest.Fault{Cut: true, CutAfter: rapid.Int64Range(0, 70_000).Draw(rt, "after"), Quietly: true}
			case 2:
				return objstoretest.Fault{Status: rapid.SampledFrom([]int{500, 502, 503, 429}).Draw(rt, "status")}
			}
			return objstoretest.Fault{}
		}), 0, 8).Draw(rt, "plan")
		start := b.faults.Requests()
		f := func(n int) objstoretest.Fault {
			if i := n - start - 1; i < len(plan) {
				return plan[i]
			}
			return objstoretest.Fault{}
		}
		rule.Store(&f)
		os.Remove(b.path)
		if err := b.download(t); err != nil && !errors.Is(err, objstore.ErrTruncated) && !errors.Is(err, objstore.ErrUnavailable) {
			rt.Fatalf("Download = %v", err)
		}
	})
}

func TestDownloadMemory(t *testing.T) {
	size := 64 << 20
	if testing.Short() {
		size = 16 << 20
	}
	b := setup(t, size, func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{} })
	b.body = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, err := b.clean.Download(t.Context(), b.obj, b.path, nil); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(size)/2 {
		t.Errorf("allocated %d bytes for an object of %d", got, size)
	}
}
