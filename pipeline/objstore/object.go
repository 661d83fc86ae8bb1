package objstore

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// Object is what is known about one object without reading it. Key, ETag, Size
// and LastModified are always there; the rest only from Head and Put.
type Object struct {
	Bucket string
	Key    string
	// VersionID is empty in buckets without versions, in lists, and for the
	// "null" version, whose id is used again when the key is overwritten.
	VersionID string
	// ETag is without quotes.
	ETag string
	// Size in bytes, as stored.
	Size int64
	// LastModified is in UTC and whole seconds: Head knows no finer time, and the
	// same object must look the same in a list.
	LastModified    time.Time
	ContentType     string
	ContentEncoding string
	// Metadata holds the x-amz-meta-* headers, keys in lower case without prefix.
	Metadata map[string]string
}

// URL is the s3:// address of the object.
func (o Object) URL() string { return "s3://" + o.Bucket + "/" + o.Key }

// Page is a part of a listing.
type Page struct {
	// Objects, up to Config.PageSize, in the bucket's key order (UTF-8 bytes).
	Objects []Object
	// Next is the startAfter with which List goes on behind this page; empty on
	// the last one.
	Next string
}

// List walks the objects whose key begins with prefix and sorts behind
// startAfter, by pages of Config.PageSize. After an error the walk ends.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		in := &s3.ListObjectsV2Input{
			Bucket:  &s.cfg.Bucket,
			MaxKeys: aws.Int32(int32(s.cfg.PageSize)),
			// Keys may hold control characters that XML cannot: one such drop would
			// make the whole listing unreadable.
			EncodingType: types.EncodingTypeUrl,
		}
		if prefix != "" {
			in.Prefix = &prefix
		}
		if startAfter != "" {
			in.StartAfter = &startAfter
		}
		for {
			page, token, err := s.listPage(ctx, in)
			if err != nil {
				yield(Page{}, s.wrap(ctx, "list objects under", prefix, err))
				return
			}
			if !yield(page, nil) || token == nil {
				return
			}
			in.ContinuationToken, in.StartAfter = token, nil
		}
	}
}

// listPage reads one page and the token of the next.
func (s *Store) listPage(ctx context.Context, in *s3.ListObjectsV2Input) (Page, *string, error) {
	ctx, cancel := s.short(ctx)
	defer cancel()
	out, err := s.client.ListObjectsV2(ctx, in)
	if err != nil {
		return Page{}, nil, s.wrap(ctx, "list objects under", aws.ToString(in.Prefix), err)
	}
	page := Page{Objects: make([]Object, 0, len(out.Contents))}
	for i := range out.Contents {
		c := &out.Contents[i]
		key := aws.ToString(c.Key)
		if out.EncodingType == types.EncodingTypeUrl {
			if key, err = url.QueryUnescape(key); err != nil {
				return Page{}, nil, fmt.Errorf("decode a listed key: %w", err)
			}
		}
		page.Objects = append(page.Objects, Object{
			Bucket:       s.cfg.Bucket,
			Key:          key,
			ETag:         unquote(c.ETag),
			Size:         aws.ToInt64(c.Size),
			LastModified: seconds(c.LastModified),
		})
	}
	if !aws.ToBool(out.IsTruncated) || aws.ToString(out.NextContinuationToken) == "" {
		return page, nil, nil
	}
	if n := len(page.Objects); n > 0 {
		page.Next = page.Objects[n-1].Key
	}
	return page, out.NextContinuationToken, nil
}

// Head asks for one object. versionID may be empty: then it is the newest one,
// and the answer pins it. Errors: ErrNotFound, ErrDenied, ErrUnavailable.
func (s *Store) Head(ctx context.Context, key, versionID string) (Object, error) {
	ctx, cancel := s.short(ctx)
	defer cancel()
	in := &s3.HeadObjectInput{Bucket: &s.cfg.Bucket, Key: &key}
	if versionID != "" {
		in.VersionId = &versionID
	}
	out, err := s.client.HeadObject(ctx, in)
	if err != nil {
		return Object{}, s.wrap(ctx, "look up object", key, err)
	}
	return Object{
		Bucket:          s.cfg.Bucket,
		Key:             key,
		VersionID:       version(out.VersionId),
		ETag:            unquote(out.ETag),
		Size:            aws.ToInt64(out.ContentLength),
		LastModified:    seconds(out.LastModified),
		ContentType:     aws.ToString(out.ContentType),
		ContentEncoding: aws.ToString(out.ContentEncoding),
		Metadata:        out.Metadata,
	}, nil
}

// Delete removes the newest version of each key; a key that is not there is no
// error. One request per key: the batch call needs checksums that some servers
// do not know.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.cfg.Parallel)
	for _, key := range keys {
		group.Go(func() error {
			ctx, cancel := s.short(ctx)
			defer cancel()
			_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: &key})
			return s.wrap(ctx, "delete object", key, err)
		})
	}
	return group.Wait()
}

// Presign gives a URL with which anybody can read the object for the time of ttl
// (at most seven days). It is a secret: it belongs in no log.
func (s *Store) Presign(ctx context.Context, key string, ttl time.Duration) (string, error) {
	req, err := s3.NewPresignClient(s.client).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: &key}, s3.WithPresignExpires(ttl))
	if err != nil {
		return "", s.wrap(ctx, "presign object", key, err)
	}
	return req.URL, nil
}

func version(id *string) string {
	if v := aws.ToString(id); v != "null" {
		return v
	}
	return ""
}

func seconds(t *time.Time) time.Time {
	return aws.ToTime(t).UTC().Truncate(time.Second)
}
