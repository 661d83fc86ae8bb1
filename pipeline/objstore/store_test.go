package objstore_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
)

func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	const secret = "do-not-tell-this"
	for _, c := range []struct {
		name string
		err  error
	}{
		{"transport", &net.OpError{Op: "dial", Err: errors.New("proxy says " + secret)}},
		{"query", errors.New("Get \"http://x/y?X-Amz-Signature=" + secret + "\": broken")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store, err := objstore.Open(t.Context(), objstore.Config{
				Endpoint: "http://127.0.0.1:1", Bucket: "b", AccessKeyID: "AKIDCANARY", SecretAccessKey: secret,
				HTTPClient: &http.Client{Transport: &objstoretest.Faults{
					Rule: func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{Err: c.err} },
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = store.Head(t.Context(), "key", "")
			if !errors.Is(err, objstore.ErrUnavailable) {
				t.Errorf("Head = %v, want ErrUnavailable", err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "AKIDCANARY") || !strings.Contains(err.Error(), "s3://b/key") {
				t.Errorf("error text %q", err)
			}
		})
	}
}

func TestWrongKeysAreDenied(t *testing.T) {
	t.Parallel()
	good := objstoretest.New(t)
	for _, c := range []struct{ name, id, secret string }{
		{"wrong secret", good.Config().AccessKeyID, "wrong"}, {"unknown key", "NOBODY", "wrong"},
	} {
		cfg := good.Config()
		cfg.AccessKeyID, cfg.SecretAccessKey = c.id, c.secret
		bad := objstoretest.Open(t, cfg, nil)
		_, headErr := bad.Head(t.Context(), "x", "")
		_, putErr := bad.Put(t.Context(), "x", strings.NewReader("x"), objstore.PutOptions{})
		_, probeErr := bad.Probe(t.Context())
		for _, err := range []error{headErr, putErr, probeErr, bad.EnsureBucket(t.Context())} {
			if !errors.Is(err, objstore.ErrDenied) || pipeline.HintOf(err) == "" {
				t.Errorf("%s: %v, want ErrDenied with a hint", c.name, err)
			}
		}
	}
}

func TestPutAfterFaults(t *testing.T) {
	t.Parallel()
	// All tries but the last of everything that writes, each part for itself: parts go
	// at once, so which try of one is the n-th request is chance.
	var mu sync.Mutex
	tries := map[string]int{}
	early := func(req *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		key := req.Method + " " + req.URL.String()
		tries[key]++
		return tries[key] < 3
	}
	b := setup(t, 1, func(_ int, req *http.Request) objstoretest.Fault {
		if (req.Method == http.MethodPut || req.Method == http.MethodPost) && early(req) {
			if req.Body != nil { // fails in the middle of it
				io.Copy(io.Discard, io.LimitReader(req.Body, 1<<20))
			}
			return objstoretest.Fault{Status: 503, Code: "SlowDown"}
		}
		return objstoretest.Fault{}
	})
	cfg := b.store.Config()
	cfg.RangeSize = 5 << 20
	b.store = objstoretest.Open(t, cfg, func(next http.RoundTripper) http.RoundTripper { b.faults.Next = next; return b.faults })
	body := objstoretest.Bytes(12 << 20)
	obj, err := b.store.Put(t.Context(), "large", bytes.NewReader(body), objstore.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := b.clean.Download(t.Context(), obj, b.path, nil)
	if err != nil || sum != sha256.Sum256(body) {
		t.Errorf("what was put differs: %v", err)
	}
}

func TestProbeNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	full := objstore.Capabilities{ListV2: true, IfMatch: true, Ranges: true, IfNoneMatch: true, Metadata: true}
	without := func(change func(c *objstore.Capabilities)) objstore.Capabilities {
		c := full
		change(&c)
		return c
	}
	refuse := objstoretest.Fault{Status: http.StatusNotImplemented, Code: "NotImplemented"}
	for _, c := range []struct {
		name string
		rule func(req *http.Request) objstoretest.Fault
		want objstore.Capabilities
	}{
		{"nothing", func(*http.Request) objstoretest.Fault { return objstoretest.Fault{} }, full},
		{"conditional put refused", func(req *http.Request) objstoretest.Fault {
			if req.Header.Get("If-None-Match") != "" {
				return refuse
			}
			return objstoretest.Fault{}
		}, without(func(c *objstore.Capabilities) { c.IfNoneMatch = false })},
		{"list refused", func(req *http.Request) objstoretest.Fault {
			if req.URL.Query().Has("list-type") {
				return refuse
			}
			return objstoretest.Fault{}
		}, without(func(c *objstore.Capabilities) { c.ListV2 = false })},
		{"metadata lost", func(*http.Request) objstoretest.Fault {
			return objstoretest.Fault{Header: map[string]string{"X-Amz-Meta-Bateia-Probe": ""}}
		}, without(func(c *objstore.Capabilities) { c.Metadata = false })},
		{"ranges ignored", func(req *http.Request) objstoretest.Fault {
			if req.Header.Get("Range") != "" {
				return objstoretest.Fault{Header: map[string]string{"Content-Range": ""}}
			}
			return objstoretest.Fault{}
		}, without(func(c *objstore.Capabilities) { c.Ranges = false })},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1, func(_ int, req *http.Request) objstoretest.Fault { return c.rule(req) })
			got, err := b.store.Probe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			missing := 0
			if !cmp.Equal(c.want, full) {
				missing = 1
			}
			if len(got.Missing) != missing {
				t.Errorf("missing = %q, want %d sentences", got.Missing, missing)
			}
			got.Missing = nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("capabilities mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigKeepsSecrets(t *testing.T) {
	t.Parallel()
	const secret = "do-not-tell-this"
	cfg := objstore.Config{Bucket: "b", Region: "sa-east-1", AccessKeyID: "AKIDCANARY", SecretAccessKey: secret}
	store, err := objstore.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("open", "config", cfg, "store", store)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), fmt.Sprintf("%v %+v", store, store)} {
		if strings.Contains(text, secret) || strings.Contains(text, "AKIDCANARY") || !strings.Contains(text, "sa-east-1") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestConfigIncomplete(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	for name, cfg := range map[string]objstore.Config{
		"no bucket": {Region: "r"},
		"half keys": {Bucket: "b", Region: "r", AccessKeyID: "a"},
		"no region": {Bucket: "b", AccessKeyID: "a", SecretAccessKey: "s"},
	} {
		if _, err := objstore.Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestCredentialsOfTheEnvironment(t *testing.T) {
	good := objstoretest.New(t)
	cfg := good.Config()
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", cfg.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", cfg.SecretAccessKey)
	cfg.AccessKeyID, cfg.SecretAccessKey = "", ""
	if _, err := objstoretest.Open(t, cfg, nil).Probe(t.Context()); err != nil {
		t.Errorf("with keys in the environment: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := objstoretest.Open(t, cfg, nil).Head(t.Context(), "x", "")
	if !errors.Is(err, objstore.ErrDenied) || pipeline.HintOf(err) == "" {
		t.Errorf("without any keys: %v, want ErrDenied with a hint", err)
	}
}

func TestListCutShort(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{Cut: true, CutAfter: 100} })
	var failed error
	for _, err := range b.store.List(t.Context(), "", "") {
		failed = err
	}
	if pipeline.KindOf(failed) != pipeline.KindTransient {
		t.Errorf("List = %v, want a transient error", failed)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code   string
		status int
		want   string
	}{
		{"RequestTimeTooSkewed", 403, "clock"},
		{"PermanentRedirect", 301, "BATEIA_S3_REGION"},
		{"NoSuchBucket", 404, "BATEIA_S3_BUCKET"},
		{"AccessDenied", 403, "access key"},
	} {
		b := setup(t, 1, func(int, *http.Request) objstoretest.Fault { return objstoretest.Fault{Status: c.status, Code: c.code} })
		_, err := b.store.Download(t.Context(), b.obj, b.path, nil)
		if hint := pipeline.HintOf(err); !strings.Contains(hint, c.want) {
			t.Errorf("%s: hint %q, want one about %s", c.code, hint, c.want)
		}
	}
}
