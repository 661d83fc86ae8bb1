package objstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Version is one of the versions that a bucket keeps of a key.
type Version struct {
	Object
	// ID names it, also where it is "null"; "" where the server tells none.
	ID     string
	Latest bool
	// Marker says that it has no content: the key was deleted with it.
	Marker bool
}

// Versions returns what the bucket keeps of a key; of a bucket without versions the
// object itself, or nothing when there is none.
func (s *Store) Versions(ctx context.Context, key string) ([]Version, error) {
	var out []Version
	listed, err := s.walkVersions(ctx, key, func(v Version) error {
		if v.Key == key {
			out = append(out, v)
		}
		return nil
	})
	if listed && len(out) > 0 || err != nil {
		return out, err
	}
	obj, err := s.Head(ctx, key, "")
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []Version{{Object: obj, Latest: true}}, nil
}

// walkVersions hands on every version of the keys that begin with prefix, and
// reports false when the server does not list any.
func (s *Store) walkVersions(ctx context.Context, prefix string, each func(Version) error) (listed bool, err error) {
	in := &s3.ListObjectVersionsInput{Bucket: &s.cfg.Bucket, Prefix: &prefix, EncodingType: types.EncodingTypeUrl}
	for {
		list, more, err := s.versionPage(ctx, in)
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusNotImplemented {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for _, v := range list {
			if err := each(v); err != nil {
				return true, err
			}
		}
		if !more {
			return true, nil
		}
	}
}

func (s *Store) versionPage(ctx context.Context, in *s3.ListObjectVersionsInput) (list []Version, more bool, err error) {
	ctx, cancel := s.short(ctx)
	defer cancel()
	out, err := s.client.ListObjectVersions(ctx, in)
	if err != nil {
		return nil, false, s.wrap(ctx, "list versions under", aws.ToString(in.Prefix), err)
	}
	decoded := func(key *string) string {
		text := aws.ToString(key)
		if out.EncodingType == types.EncodingTypeUrl && err == nil {
			text, err = url.QueryUnescape(text)
		}
		return text
	}
	for _, v := range out.Versions {
		list = append(list, Version{ID: aws.ToString(v.VersionId), Latest: aws.ToBool(v.IsLatest), Object: Object{Bucket: s.cfg.Bucket, Key: decoded(v.Key),
			VersionID: version(v.VersionId), ETag: unquote(v.ETag), Size: aws.ToInt64(v.Size), LastModified: seconds(v.LastModified)}})
	}
	for _, m := range out.DeleteMarkers {
		list = append(list, Version{ID: aws.ToString(m.VersionId), Latest: aws.ToBool(m.IsLatest), Marker: true,
			Object: Object{Bucket: s.cfg.Bucket, Key: decoded(m.Key), VersionID: version(m.VersionId), LastModified: seconds(m.LastModified)}})
	}
	if err != nil {
		return nil, false, fmt.Errorf("decode a listed key: %w", err)
	}
	in.KeyMarker, in.VersionIdMarker = aws.String(decoded(out.NextKeyMarker)), out.NextVersionIdMarker
	return list, aws.ToBool(out.IsTruncated) && aws.ToString(in.KeyMarker) != "", err
}

// DeleteVersion removes one version of a key for good; with "" the object itself.
// One that is not there is no error.
func (s *Store) DeleteVersion(ctx context.Context, key, id string) error {
	ctx, cancel := s.short(ctx)
	defer cancel()
	in := &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: &key}
	if id != "" {
		in.VersionId = &id
	}
	_, err := s.client.DeleteObject(ctx, in)
	if err = s.wrap(ctx, "delete object", key, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// EachVersion hands on every version of the keys that begin with prefix; of a bucket
// without versions every object, as the latest.
func (s *Store) EachVersion(ctx context.Context, prefix string, each func(Version) error) error {
	listed, err := s.walkVersions(ctx, prefix, each)
	if listed || err != nil {
		return err
	}
	for page, err := range s.List(ctx, prefix, "") {
		if err != nil {
			return err
		}
		for _, o := range page.Objects {
			if err := each(Version{Object: o, Latest: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// EraseBelow removes the objects whose key begins with prefix and of which remove
// says so (nil: all), with everything that the bucket keeps of them, and returns how
// many objects and versions that were.
func (s *Store) EraseBelow(ctx context.Context, prefix string, remove func(key string) bool) (n int64, err error) {
	err = s.EachVersion(ctx, prefix, func(v Version) error {
		if remove != nil && !remove(v.Key) {
			return nil
		}
		if err := s.DeleteVersion(ctx, v.Key, v.ID); err != nil {
			return err
		}
		if !v.Marker {
			n++
		}
		return nil
	})
	return n, err
}

func ifMatch(opts PutOptions) *string {
	if opts.IfMatch == "" {
		return nil
	}
	return quote(opts.IfMatch)
}
