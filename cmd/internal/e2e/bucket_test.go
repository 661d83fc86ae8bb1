package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// bucket is an ordinary S3 client on the bucket of a stack.
type bucket struct {
	api  *s3.Client
	name string
}

func openBucket(settings map[string]string) *bucket {
	return &bucket{name: settings["s3_bucket"], api: s3.New(s3.Options{
		BaseEndpoint: aws.String(settings["s3_endpoint"]), Region: settings["s3_region"], UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(settings["s3_access_key_id"], settings["s3_secret_access_key"], ""),
	})}
}

// drop puts an object.
func (b *bucket) drop(t testing.TB, key string, body []byte) {
	t.Helper()
	_, err := b.api.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatalf("drop %s: %v", key, err)
	}
}

func (b *bucket) get(ctx context.Context, key string) ([]byte, error) {
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	body, err := io.ReadAll(out.Body)
	return body, errors.Join(err, out.Body.Close())
}

// keys lists what lies under a prefix.
func (b *bucket) keys(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.api, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// outcome is a result beside a drop.
type outcome struct {
	document
	text string
	keys []string // everything beside the drop
}

// await waits for the n-th result beside a drop, oldest first.
func (b *bucket) await(t testing.TB, drop string, n int) outcome {
	t.Helper()
	return b.awaitAt(t, "results/"+strings.TrimPrefix(drop, "uploads/")+"/", n)
}

func (b *bucket) awaitAt(t testing.TB, prefix string, n int) outcome {
	t.Helper()
	var out outcome
	eventually(t, time.Minute, fmt.Sprintf("result %d under %s", n, prefix), func() (bool, error) {
		keys, err := b.keys(t.Context(), prefix)
		if err != nil {
			return false, err
		}
		// The text is written last: whoever finds it finds everything.
		var texts []string
		for _, key := range keys {
			if path.Ext(key) == ".txt" {
				texts = append(texts, key)
			}
		}
		if len(texts) < n {
			return false, nil
		}
		out.keys = keys
		body, err := b.get(t.Context(), strings.TrimSuffix(texts[n-1], ".txt")+".json")
		if err != nil {
			return false, err
		}
		out.document = decode(t, body)
		text, err := b.get(t.Context(), texts[n-1])
		out.text = string(text)
		return true, err
	})
	return out
}

// document is an import as JSON.
type document struct {
	ImportID  string  `json:"import_id"`
	Account   string  `json:"account"`
	List      string  `json:"list"`
	State     string  `json:"state"`
	Held      bool    `json:"held"`
	Code      string  `json:"code"`
	Message   string  `json:"message"`
	Remedy    string  `json:"remedy"`
	Ledger    ledger  `json:"ledger"`
	Prospects actions `json:"prospects"`
	Issues    struct {
		ByCode []codeCount `json:"by_code"`
	} `json:"issues"`
	Stages []struct {
		Name    string  `json:"name"`
		Seconds float64 `json:"seconds"`
	} `json:"stages"`
	Objects struct {
		Result, Feedback, Plan string
	} `json:"objects"`
	FinishedAt *time.Time `json:"finished_at"`
}

type codeCount struct {
	Code string `json:"code"`
	Rows int64  `json:"rows"`
}

type ledger struct {
	Read      int64 `json:"read"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Skipped   int64 `json:"skipped"`
	Conflict  int64 `json:"conflict"`
	Blank     int64 `json:"blank"`
}

// sum is what must equal Read.
func (l ledger) sum() int64 {
	return l.Created + l.Updated + l.Unchanged + l.Duplicate + l.Rejected + l.Skipped + l.Conflict
}

// actions counts prospects by what an import does to them.
type actions struct {
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
	Merged  int64 `json:"merged"`
}

func decode(t testing.TB, body []byte) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatalf("read document: %v\n%s", err, body)
	}
	return d
}
