package locals3_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstore/locals3"
)

// client is somebody else's: the SDK as it comes, with checksums in trailers.
func client(server *locals3.Server, o locals3.Options) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(server.Endpoint()), UsePathStyle: true, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(o.AccessKey, o.SecretKey, ""),
	})
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

// Whoever reads beside running puts gets the bytes that the ETag names.
func TestReadsAreNeverMixed(t *testing.T) {
	_, store := start(t, options(t))
	body := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, 30_000) }
	etags := map[string]int{}
	for i := range 26 {
		etags[fmt.Sprintf("%x", md5.Sum(body(i)))] = i
	}
	put := func(i int) error {
		_, err := store.Put(t.Context(), "k", bytes.NewReader(body(i)), objstore.PutOptions{
			Metadata: map[string]string{"i": fmt.Sprint(i % 26)},
		})
		return err
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var read, changed atomic.Int64
	var group errgroup.Group
	for range 2 {
		group.Go(func() error {
			for !stop.Load() {
				head, err := store.Head(t.Context(), "k", "")
				if err != nil {
					return err
				}
				i, known := etags[head.ETag]
				if !known || head.Metadata["i"] != fmt.Sprint(i) {
					return fmt.Errorf("ETag %s with metadata %v", head.ETag, head.Metadata)
				}
				got, err := store.ReadRange(t.Context(), head, 0, head.Size)
				switch {
				case errors.Is(err, objstore.ErrChanged):
					changed.Add(1)
				case err != nil:
					return err
				case !bytes.Equal(got, body(i)):
					return fmt.Errorf("ETag of content %d came with %q…", i, got[:1])
				default:
					read.Add(1)
				}
				for page, err := range store.List(t.Context(), "", "") {
					if err != nil || len(page.Objects) != 1 || page.Objects[0].ETag[:5] == "file-" {
						return fmt.Errorf("listed %+v, %v", page.Objects, err)
					}
				}
			}
			return nil
		})
	}
	for i := range 150 {
		if err := put(i); err != nil {
			t.Error(err)
			break
		}
	}
	stop.Store(true)
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d reads, %d refused as changed", read.Load(), changed.Load())
	if read.Load() == 0 {
		t.Error("nothing was read")
	}
}

func TestOtherClients(t *testing.T) {
	o := options(t)
	server, store := start(t, o)
	c, ctx := client(server, o), t.Context()

	for _, algorithm := range types.ChecksumAlgorithm("").Values() {
		if algorithm == types.ChecksumAlgorithmMd5 || strings.HasPrefix(string(algorithm), "XX") || algorithm == types.ChecksumAlgorithmSha512 {
			continue // the SDK cannot compute these
		}
		key := "sums/" + string(algorithm)
		_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key,
			Body: strings.NewReader("checked"), ChecksumAlgorithm: algorithm})
		if err != nil {
			t.Errorf("put with %s: %v", algorithm, err)
			continue
		}
		out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
		if err != nil {
			t.Errorf("get after %s: %v", algorithm, err)
			continue
		}
		b, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil || string(b) != "checked" {
			t.Errorf("%s: read %q, %v", algorithm, b, err)
		}
	}
	_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("bad-sum"),
		Body: strings.NewReader("checked"), ChecksumCRC32: aws.String("AAAAAA==")})
	if err == nil {
		t.Error("a wrong checksum was accepted")
	}
	if _, err := store.Head(ctx, "bad-sum", ""); !errors.Is(err, objstore.ErrNotFound) {
		t.Errorf("head after a wrong checksum = %v, want ErrNotFound", err)
	}

	// Renaming, as clients do it: copy and delete.
	part := put(t, store, "uploads/default/x.csv.filepart", "a;b\n")
	copied, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("uploads/default/x é.csv"),
		CopySource: aws.String(url.PathEscape(bucket + "/" + part.Key))})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := store.Head(ctx, "uploads/default/x é.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	if moved.ETag != part.ETag || strings.Trim(*copied.CopyObjectResult.ETag, `"`) != part.ETag ||
		!cmp.Equal(moved.Metadata, part.Metadata) || moved.ContentType != part.ContentType {
		t.Errorf("copy = %+v, want what %+v had", moved, part)
	}
	_, err = c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("y"),
		CopySource: aws.String(bucket + "/missing")})
	if code(err) != "NoSuchKey" {
		t.Errorf("copy of nothing = %v", err)
	}

	// Folders made by clients are objects with a slash at the end, and stay.
	folder := aws.String("uploads/default/empty/")
	if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: folder}); err != nil {
		t.Fatal(err)
	}
	put(t, store, *folder+"x", "x")
	if err := store.Delete(ctx, *folder+"x"); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String("uploads/default/"), Delimiter: aws.String("/")})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.CommonPrefixes) != 1 || *out.CommonPrefixes[0].Prefix != *folder || len(out.Contents) != 2 {
		t.Errorf("listing with delimiter: %d objects, prefixes %v", len(out.Contents), out.CommonPrefixes)
	}
	gone, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String(bucket), Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: folder}, {Key: &part.Key}, {Key: aws.String("never there")}}}})
	if err != nil || len(gone.Deleted) != 3 || len(gone.Errors) != 0 {
		t.Errorf("delete of three = %+v, %v", gone, err)
	}
	if _, err := c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(bucket)}); code(err) != "BucketNotEmpty" {
		t.Errorf("delete of a full bucket = %v", err)
	}
}

func TestMultipart(t *testing.T) {
	o := options(t)
	server, store := start(t, o)
	c, ctx := client(server, o), t.Context()
	key, body := aws.String("large"), bytes.Repeat([]byte("0123456789abcdef"), 6<<20/16)
	begin := func() *string {
		t.Helper()
		up, err := c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: key,
			Metadata: map[string]string{"bateia-list": "feira"}})
		if err != nil {
			t.Fatal(err)
		}
		return up.UploadId
	}
	send := func(id *string, n int32, b []byte) types.CompletedPart {
		t.Helper()
		out, err := c.UploadPart(ctx, &s3.UploadPartInput{Bucket: aws.String(bucket), Key: key, UploadId: id, PartNumber: &n, Body: bytes.NewReader(b)})
		if err != nil {
			t.Fatal(err)
		}
		return types.CompletedPart{PartNumber: &n, ETag: out.ETag}
	}
	complete := func(id *string, parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
		return c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: aws.String(bucket), Key: key, UploadId: id,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	}

	id := begin()
	send(id, 1, []byte("replaced"))
	two, one := send(id, 2, []byte("tail")), send(id, 1, body)
	three, err := c.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: aws.String(bucket), Key: key, UploadId: id, PartNumber: aws.Int32(3),
		CopySource: aws.String(bucket + "/" + put(t, store, "src", "0123456789").Key), CopySourceRange: aws.String("bytes=2-4")})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := c.ListParts(ctx, &s3.ListPartsInput{Bucket: aws.String(bucket), Key: key, UploadId: id})
	if err != nil || len(parts.Parts) != 3 || *parts.Parts[0].Size != int64(len(body)) {
		t.Errorf("parts = %+v, %v", parts, err)
	}
	ups, err := c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket)})
	if err != nil || len(ups.Uploads) != 1 || *ups.Uploads[0].Key != *key {
		t.Errorf("uploads = %+v, %v", ups, err)
	}
	for name, c := range map[string]struct {
		parts []types.CompletedPart
		want  string
	}{
		"wrong order":        {[]types.CompletedPart{two, one}, "InvalidPartOrder"},
		"part not sent":      {[]types.CompletedPart{one, {PartNumber: aws.Int32(9), ETag: one.ETag}}, "InvalidPart"},
		"wrong ETag":         {[]types.CompletedPart{{PartNumber: aws.Int32(1), ETag: two.ETag}}, "InvalidPart"},
		"small in the front": {[]types.CompletedPart{two, {PartNumber: aws.Int32(3), ETag: three.CopyPartResult.ETag}}, "EntityTooSmall"},
	} {
		if _, err := complete(id, c.parts...); code(err) != c.want {
			t.Errorf("%s = %v, want %s", name, err, c.want)
		}
	}
	first, err := complete(id, one, two)
	if err != nil {
		t.Fatal(err)
	}
	again, err := complete(id, one, two)
	if err != nil || *again.ETag != *first.ETag {
		t.Errorf("completing twice = %+v, %v; want %s again", again, err, *first.ETag)
	}
	head, err := store.Head(ctx, *key, "")
	if err != nil || head.Size != int64(len(body)+4) || head.Metadata["bateia-list"] != "feira" || !strings.HasSuffix(head.ETag, "-2") {
		t.Errorf("head = %+v, %v", head, err)
	}
	tail, err := store.ReadRange(ctx, head, int64(len(body))-2, 6)
	if err != nil || string(tail) != "eftail" {
		t.Errorf("around the seam: %q, %v", tail, err)
	}

	dropped := begin()
	send(dropped, 1, body)
	if _, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: aws.String(bucket), Key: key, UploadId: dropped}); err != nil {
		t.Fatal(err)
	}
	if _, err := complete(dropped, one); code(err) != "NoSuchUpload" {
		t.Errorf("completing an aborted upload = %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(o.Root, ".staging")); len(left) != 0 {
		t.Errorf("staging holds %v", left)
	}
}

func TestKeysThatAreNoFiles(t *testing.T) {
	o := options(t)
	server, store := start(t, o)
	put(t, store, "file", "x")
	put(t, store, "folder/file", "x")
	for _, key := range []string{
		"a//b", "/a", "a/./b", "a/../b", "../a", "..", "folder", "file/below", "control\x02", strings.Repeat("n", 300),
	} {
		if _, err := store.Put(t.Context(), key, strings.NewReader("x"), objstore.PutOptions{}); err == nil {
			t.Errorf("put %q was accepted", key)
		}
		if _, err := store.Head(t.Context(), key, ""); err == nil {
			t.Errorf("head %q found something", key)
		}
	}
	if n := len(list(t, store)); n != 2 {
		t.Errorf("%d objects, want 2", n)
	}
	for _, path := range []string{"/", "/" + bucket, "/" + bucket + "/file", "/" + bucket + "/../../etc/passwd"} {
		res, err := http.Get(server.Endpoint() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("GET %s without signature = %d", path, res.StatusCode)
		}
	}
}

// A client that goes away in the middle of its body leaves no object.
func TestBrokenPut(t *testing.T) {
	o := options(t)
	server, store := start(t, o)
	c := s3.NewPresignClient(client(server, o))
	req, err := c.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("half")})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n", u.RequestURI(), u.Host)
	for name := range req.SignedHeader {
		if name != "Host" && name != "Content-Length" {
			fmt.Fprintf(conn, "%s: %s\r\n", name, req.SignedHeader.Get(name))
		}
	}
	fmt.Fprintf(conn, "\r\n%s", strings.Repeat("x", 5000))
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
		res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("half a body was accepted with %d", res.StatusCode)
		}
	}
	if _, err := store.Head(t.Context(), "half", ""); !errors.Is(err, objstore.ErrNotFound) {
		t.Errorf("head = %v, want ErrNotFound", err)
	}
	if left, _ := os.ReadDir(filepath.Join(o.Root, ".staging")); len(left) != 0 {
		t.Errorf("staging holds %v", left)
	}
}
