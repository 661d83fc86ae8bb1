package objstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// copyBuffer is the memory of one range under way, in bytes.
const copyBuffer = 256 << 10

// Download writes the pinned object to path and returns the SHA-256 of its bytes.
//
// The object is read by ranges of Config.RangeSize, Config.Parallel at a time; a
// range that breaks goes on at the byte where it broke. Memory stays below
// Parallel+1 small buffers whatever the size. The bytes go to path+".part", which
// is renamed at the end and removed on any error: path is either whole or absent.
// It is not synced to disk.
//
// progress may be nil. Otherwise it is called with the number of bytes written so
// far, never by two goroutines at once, never decreasing.
//
// obj must carry ETag and Size. Errors: ErrChanged when the key holds other
// content by now, ErrNotFound, ErrTruncated, ErrUnavailable, ErrDenied, or the
// file system's.
func (s *Store) Download(ctx context.Context, obj Object, path string, progress func(done int64)) (sum [sha256.Size]byte, err error) {
	if obj.ETag == "" {
		return sum, &Error{Op: "download object", Bucket: s.cfg.Bucket, Key: obj.Key, Detail: "not pinned: no ETag"}
	}
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return sum, fmt.Errorf("download object %s: %w", obj.Key, err)
	}
	sum, err = s.downloadTo(ctx, obj, file, progress)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part) // the first error is the one to tell
		return [sha256.Size]byte{}, s.wrap(ctx, "download object", obj.Key, err)
	}
	return sum, nil
}

// downloadTo fills file and hashes it in order while later ranges still arrive.
func (s *Store) downloadTo(ctx context.Context, obj Object, file *os.File, progress func(int64)) (sum [sha256.Size]byte, err error) {
	if obj.Size == 0 {
		if err := s.checkEmpty(ctx, obj); err != nil {
			return sum, err
		}
		return sha256.Sum256(nil), nil
	}
	if err := file.Truncate(obj.Size); err != nil {
		return sum, err
	}
	count := int((obj.Size + s.cfg.RangeSize - 1) / s.cfg.RangeSize)
	ready := make([]chan struct{}, count)
	for i := range ready {
		ready[i] = make(chan struct{})
	}
	report := counter(progress)

	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		ranges, ctx := errgroup.WithContext(ctx)
		ranges.SetLimit(s.cfg.Parallel)
		for i := 0; i < count && ctx.Err() == nil; i++ {
			off := int64(i) * s.cfg.RangeSize
			n := min(s.cfg.RangeSize, obj.Size-off)
			ranges.Go(func() error {
				if err := s.fetchRange(ctx, obj, off, n, io.NewOffsetWriter(file, off), report); err != nil {
					return err
				}
				close(ready[i])
				return nil
			})
		}
		return ranges.Wait()
	})
	all.Go(func() error {
		hash := sha256.New()
		buf := make([]byte, copyBuffer)
		for i, done := range ready {
			select {
			case <-done:
			case <-ctx.Done():
				return ctx.Err()
			}
			off := int64(i) * s.cfg.RangeSize
			n := min(s.cfg.RangeSize, obj.Size-off)
			if _, err := io.CopyBuffer(onlyWriter{hash}, io.NewSectionReader(file, off, n), buf); err != nil {
				return err
			}
		}
		hash.Sum(sum[:0])
		return nil
	})
	return sum, all.Wait()
}

// onlyWriter hides ReadFrom and the like, so that CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

// counter adds up the bytes of concurrent ranges for one progress callback.
func counter(progress func(int64)) func(n int) {
	if progress == nil {
		return func(int) {}
	}
	var (
		mu   sync.Mutex
		done int64
	)
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += int64(n)
		progress(done)
	}
}

// ReadRange returns the bytes [off, off+n) of the pinned object, fewer where it
// ends, none behind its end. It is meant for small reads: the range is held in
// memory. Errors as for Download.
func (s *Store) ReadRange(ctx context.Context, obj Object, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 {
		return nil, fmt.Errorf("read object %s: range %d+%d is negative", obj.Key, off, n)
	}
	n = min(n, obj.Size-off)
	if n <= 0 {
		return nil, nil
	}
	buf := sliceWriter{b: make([]byte, 0, n)}
	if err := s.fetchRange(ctx, obj, off, n, &buf, func(int) {}); err != nil {
		return nil, s.wrap(ctx, "read object", obj.Key, err)
	}
	return buf.b, nil
}

type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// fetchRange copies the n bytes from off on to w and goes on where it broke.
// Tries that bring next to nothing are counted; Config.Attempts of them end it.
func (s *Store) fetchRange(ctx context.Context, obj Object, off, n int64, w io.Writer, report func(int)) error {
	const worthwhile = 16 << 10 // bytes after which a broken try does not count as fruitless
	buf := make([]byte, min(copyBuffer, n))
	for fruitless := 0; ; {
		got, err := s.fetchOnce(ctx, obj, off, n, w, buf, report)
		off, n = off+got, n-got
		if err == nil {
			return nil
		}
		if !retryable(err) || ctx.Err() != nil {
			return err
		}
		if got >= worthwhile {
			fruitless = 0
		}
		if fruitless++; fruitless >= s.cfg.Attempts {
			return err
		}
		if err := s.pause(ctx, fruitless); err != nil {
			return s.wrap(ctx, "read object", obj.Key, err)
		}
	}
}

// fetchOnce makes one request and says how many bytes reached w.
func (s *Store) fetchOnce(ctx context.Context, obj Object, off, n int64, w io.Writer, buf []byte, report func(int)) (got int64, err error) {
	ctx, kick, stop := s.watch(ctx)
	defer stop()
	body, err := s.openRange(ctx, obj, off, n)
	if err != nil {
		return 0, s.wrap(ctx, "read object", obj.Key, err)
	}
	defer body.Close()
	for got < n {
		k, readErr := body.Read(buf[:min(int64(len(buf)), n-got)])
		if k > 0 {
			kick()
			if _, err := w.Write(buf[:k]); err != nil {
				return got, s.wrap(ctx, "write object", obj.Key, err)
			}
			got += int64(k)
			report(k)
		}
		if readErr != nil && got < n {
			if errors.Is(readErr, io.EOF) {
				readErr = io.ErrUnexpectedEOF
			}
			return got, s.broken(ctx, obj.Key, readErr)
		}
	}
	return got, nil
}

// broken is a failure in the middle of a body. Whatever the transport calls it
// (HTTP/2 has error types of its own), the rest can be asked for again.
func (s *Store) broken(ctx context.Context, key string, cause error) error {
	err := s.wrap(ctx, "read object", key, cause)
	var e *Error
	if errors.As(err, &e) && e.Kind == nil && ctx.Err() == nil {
		e.Kind = ErrUnavailable
	}
	return err
}

// openRange asks for bytes [off, off+n) and checks that the answer is about them
// and about the pinned object: servers that ignore If-Match or Range answer 200.
func (s *Store) openRange(ctx context.Context, obj Object, off, n int64) (io.ReadCloser, error) {
	in := s.pinned(obj)
	in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", off, off+n-1))
	out, err := s.client.GetObject(ctx, in, once)
	if err != nil {
		var answer *awshttp.ResponseError
		if errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusRequestedRangeNotSatisfiable {
			return nil, s.changed(obj, "it became shorter")
		}
		return nil, err
	}
	if etag := unquote(out.ETag); etag != obj.ETag {
		out.Body.Close()
		return nil, s.changed(obj, "the server gave another ETag")
	}
	first, total, ok := contentRange(aws.ToString(out.ContentRange))
	switch {
	case !ok && off == 0 && aws.ToInt64(out.ContentLength) == obj.Size:
		return out.Body, nil // no ranges here, but the beginning is what we want
	case !ok || first != off:
		out.Body.Close()
		return nil, &Error{Op: "read object", Bucket: s.cfg.Bucket, Key: obj.Key, Detail: "the server does not answer ranges"}
	case total >= 0 && total != obj.Size:
		out.Body.Close()
		return nil, s.changed(obj, "its size differs")
	}
	return out.Body, nil
}

// checkEmpty reads an object that should have no bytes, for which there is no range.
func (s *Store) checkEmpty(ctx context.Context, obj Object) error {
	ctx, cancel := s.short(ctx)
	defer cancel()
	out, err := s.client.GetObject(ctx, s.pinned(obj))
	if err != nil {
		return s.wrap(ctx, "read object", obj.Key, err)
	}
	defer out.Body.Close()
	if aws.ToInt64(out.ContentLength) != 0 || unquote(out.ETag) != obj.ETag {
		return s.changed(obj, "its size differs")
	}
	return nil
}

// pinned is a GetObject for exactly this content.
func (s *Store) pinned(obj Object) *s3.GetObjectInput {
	in := &s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: &obj.Key}
	if obj.ETag != "" {
		in.IfMatch = quote(obj.ETag)
	}
	if obj.VersionID != "" {
		in.VersionId = &obj.VersionID
	}
	return in
}

func (s *Store) changed(obj Object, detail string) error {
	return &Error{Op: "read object", Bucket: s.cfg.Bucket, Key: obj.Key, Kind: ErrChanged, Detail: detail}
}

// contentRange parses "bytes 0-9/100"; total is -1 for "*".
func contentRange(header string) (first, total int64, ok bool) {
	span, size, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	if !ok {
		return 0, 0, false
	}
	from, _, ok := strings.Cut(span, "-")
	if !ok {
		return 0, 0, false
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return 0, 0, false
	}
	if size == "*" {
		return first, -1, true
	}
	total, err = strconv.ParseInt(size, 10, 64)
	return first, total, err == nil
}

// pause waits after fruitless try number n: half of the time at random, so that
// parallel ranges do not come back together.
func (s *Store) pause(ctx context.Context, n int) error {
	wait := min(s.cfg.RetryWait<<min(n-1, 10), 100*s.cfg.RetryWait)
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once leaves retries to fetchRange, whose patience would otherwise be multiplied
// by the SDK's.
func once(o *s3.Options) { o.RetryMaxAttempts = 1 }
