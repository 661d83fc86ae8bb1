package objstore_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
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
	b := setup(t, 1, func(n int, req *http.Request) objstoretest.Fault {
		if n%2 == 1 && (req.Method == http.MethodPut || req.Method == http.MethodPost) {
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
