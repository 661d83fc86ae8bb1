package objstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const (
	minPart  = 5 << 20 // S3's smallest part but the last
	maxParts = 10_000  // S3's limit
)

// PutOptions go with an upload.
type PutOptions struct {
	// ContentType defaults to application/octet-stream.
	ContentType string
	// Metadata becomes x-amz-meta-* headers; ASCII only.
	Metadata map[string]string
	// IfNoneMatch writes only when the key is free, else ErrExists. A put whose
	// answer got lost can find its own object there when tried again.
	IfNoneMatch bool
	// IfMatch writes only when the key holds the object with this ETag, else
	// ErrChanged.
	IfMatch string
}

// Put writes what is left of body under key, overwriting, and returns the object
// written. A body that is also an io.ReaderAt (files, bytes.Reader) goes by parts
// when it is large. Errors: ErrExists, ErrDenied, ErrUnavailable.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, opts PutOptions) (Object, error) {
	start, err := body.Seek(0, io.SeekCurrent)
	if err != nil {
		return Object{}, fmt.Errorf("put object %s: %w", key, err)
	}
	end, err := body.Seek(0, io.SeekEnd)
	if err != nil {
		return Object{}, fmt.Errorf("put object %s: %w", key, err)
	}
	size := end - start
	if at, ok := body.(io.ReaderAt); ok {
		return s.put(ctx, key, io.NewSectionReader(at, start, size), size, opts, nil)
	}
	if _, err := body.Seek(start, io.SeekStart); err != nil {
		return Object{}, fmt.Errorf("put object %s: %w", key, err)
	}
	obj, err := s.putWhole(ctx, key, body, size, opts)
	if err != nil {
		return Object{}, s.wrap(ctx, "put object", key, err)
	}
	return s.dated(ctx, obj), nil
}

// PutFile writes the file at path under key; large ones by parts, Config.Parallel
// at a time. progress may be nil, and else gets the bytes acknowledged so far as
// Download's does. The file must not change meanwhile.
func (s *Store) PutFile(ctx context.Context, key, path string, opts PutOptions, progress func(done int64)) (Object, error) {
	file, err := os.Open(path)
	if err != nil {
		return Object{}, fmt.Errorf("put object %s: %w", key, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Object{}, fmt.Errorf("put object %s: %w", key, err)
	}
	if !info.Mode().IsRegular() {
		return Object{}, fmt.Errorf("put object %s: not a regular file", key)
	}
	return s.put(ctx, key, io.NewSectionReader(file, 0, info.Size()), info.Size(), opts, progress)
}

func (s *Store) put(ctx context.Context, key string, body *io.SectionReader, size int64, opts PutOptions, progress func(int64)) (Object, error) {
	var obj Object
	var err error
	report := counter(progress)
	if size <= 2*max(s.cfg.RangeSize, minPart) {
		if obj, err = s.putWhole(ctx, key, body, size, opts); err == nil {
			report(int(size))
		}
	} else {
		obj, err = s.putParts(ctx, key, body, size, opts, report)
	}
	if err != nil {
		return Object{}, s.wrap(ctx, "put object", key, err)
	}
	return s.dated(ctx, obj), nil
}

// dated adds the server's time, which an upload's answer does not give. The time
// stays zero when somebody overwrote the key in between or the server is gone:
// the put itself is done.
func (s *Store) dated(ctx context.Context, obj Object) Object {
	if now, err := s.Head(ctx, obj.Key, obj.VersionID); err == nil && now.ETag == obj.ETag {
		obj.LastModified = now.LastModified
	}
	return obj
}

func (s *Store) putWhole(ctx context.Context, key string, body io.ReadSeeker, size int64, opts PutOptions) (Object, error) {
	ctx, kick, stop := s.watch(ctx)
	defer stop()
	in := &s3.PutObjectInput{
		Bucket:        &s.cfg.Bucket,
		Key:           &key,
		Body:          &watchedBody{ReadSeeker: body, kick: kick},
		ContentLength: aws.Int64(size),
		ContentType:   contentType(opts),
		Metadata:      opts.Metadata,
		IfNoneMatch:   ifNoneMatch(opts),
		IfMatch:       ifMatch(opts),
	}
	out, err := s.client.PutObject(ctx, in)
	if err != nil {
		return Object{}, exists(opts, s.wrap(ctx, "put object", key, err))
	}
	return s.written(key, size, opts, out.ETag, out.VersionId), nil
}

// putParts is a multipart upload, aborted when anything fails.
func (s *Store) putParts(ctx context.Context, key string, body *io.SectionReader, size int64, opts PutOptions, report func(int)) (Object, error) {
	begin, cancel := s.short(ctx)
	defer cancel()
	up, err := s.client.CreateMultipartUpload(begin, &s3.CreateMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key, ContentType: contentType(opts), Metadata: opts.Metadata,
	})
	if err != nil {
		return Object{}, s.wrap(begin, "put object", key, err)
	}
	parts, err := s.uploadParts(ctx, key, up.UploadId, body, size, report)
	if err == nil {
		// Servers may copy all parts before they answer.
		end, cancel := context.WithTimeoutCause(ctx, 20*s.cfg.StallTimeout, errStalled)
		defer cancel()
		out, failed := s.client.CompleteMultipartUpload(end, &s3.CompleteMultipartUploadInput{
			Bucket: &s.cfg.Bucket, Key: &key, UploadId: up.UploadId, IfNoneMatch: ifNoneMatch(opts), IfMatch: ifMatch(opts),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
		if failed == nil {
			return s.written(key, size, opts, out.ETag, out.VersionId), nil
		}
		err = exists(opts, s.wrap(end, "put object", key, failed))
	}
	// Parts of an unfinished upload are paid for until somebody removes them.
	clean, cancelClean := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancelClean()
	if _, failed := s.client.AbortMultipartUpload(clean, &s3.AbortMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: up.UploadId,
	}); failed != nil {
		failed = s.wrap(clean, "abort upload of", key, failed)
		if !errors.Is(failed, ErrNotFound) {
			err = errors.Join(err, failed)
		}
	}
	return Object{}, err
}

func (s *Store) uploadParts(ctx context.Context, key string, upload *string, body *io.SectionReader, size int64, report func(int)) ([]types.CompletedPart, error) {
	part := max(s.cfg.RangeSize, minPart, (size+maxParts-1)/maxParts)
	done := make([]types.CompletedPart, (size+part-1)/part)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.cfg.Parallel)
	for i := range done {
		group.Go(func() error {
			off := int64(i) * part
			n := min(part, size-off)
			number := aws.Int32(int32(i + 1))
			if err := ctx.Err(); err != nil {
				return err
			}
			ctx, kick, stop := s.watch(ctx)
			defer stop()
			out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
				Bucket: &s.cfg.Bucket, Key: &key, UploadId: upload, PartNumber: number, ContentLength: &n,
				Body: &watchedBody{ReadSeeker: io.NewSectionReader(body, off, n), kick: kick},
			})
			if err != nil {
				return s.wrap(ctx, "put part of object", key, err)
			}
			done[i] = types.CompletedPart{ETag: out.ETag, PartNumber: number}
			report(int(n))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return done, nil
}

func (s *Store) written(key string, size int64, opts PutOptions, etag, versionID *string) Object {
	return Object{
		Bucket:      s.cfg.Bucket,
		Key:         key,
		VersionID:   version(versionID),
		ETag:        unquote(etag),
		Size:        size,
		ContentType: *contentType(opts),
		Metadata:    opts.Metadata,
	}
}

// watchedBody tells the watchdog that bytes are leaving.
type watchedBody struct {
	io.ReadSeeker
	kick func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.kick()
	return b.ReadSeeker.Read(p)
}

func contentType(opts PutOptions) *string {
	if opts.ContentType == "" {
		return aws.String("application/octet-stream")
	}
	return &opts.ContentType
}

func ifNoneMatch(opts PutOptions) *string {
	if opts.IfNoneMatch {
		return aws.String("*")
	}
	return nil
}

// exists renames a failed precondition of a conditional put.
func exists(opts PutOptions, err error) error {
	var e *Error
	if opts.IfNoneMatch && errors.As(err, &e) && e.Kind == ErrChanged {
		e.Kind = ErrExists
	}
	return err
}
