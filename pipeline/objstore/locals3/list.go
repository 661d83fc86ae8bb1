package locals3

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// Quiet is how long a file that was not uploaded must be left alone before it is
// listed.
const Quiet = 2 * time.Second

// ListObjects implements backend.Backend.
func (d *folder) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	found, err := d.walk(ctx, *in.Bucket, in.Prefix, in.Delimiter, aws.ToString(in.Marker), in.MaxKeys)
	if err != nil {
		return s3response.ListObjectsResult{}, d.answer("list objects", err)
	}
	return s3response.ListObjectsResult{
		Name:           in.Bucket,
		Prefix:         backend.GetPtrFromString(aws.ToString(in.Prefix)),
		Marker:         backend.GetPtrFromString(aws.ToString(in.Marker)),
		NextMarker:     backend.GetPtrFromString(found.NextMarker),
		MaxKeys:        in.MaxKeys,
		Delimiter:      backend.GetPtrFromString(aws.ToString(in.Delimiter)),
		IsTruncated:    &found.Truncated,
		Contents:       found.Objects,
		CommonPrefixes: found.CommonPrefixes,
	}, nil
}

// ListObjectsV2 implements backend.Backend. A continuation token is the last key.
func (d *folder) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	after := max(aws.ToString(in.StartAfter), aws.ToString(in.ContinuationToken))
	found, err := d.walk(ctx, *in.Bucket, in.Prefix, in.Delimiter, after, in.MaxKeys)
	if err != nil {
		return s3response.ListObjectsV2Result{}, d.answer("list objects", err)
	}
	count := int32(len(found.Objects) + len(found.CommonPrefixes))
	return s3response.ListObjectsV2Result{
		Name:                  in.Bucket,
		Prefix:                backend.GetPtrFromString(aws.ToString(in.Prefix)),
		StartAfter:            backend.GetPtrFromString(aws.ToString(in.StartAfter)),
		ContinuationToken:     backend.GetPtrFromString(aws.ToString(in.ContinuationToken)),
		NextContinuationToken: backend.GetPtrFromString(found.NextMarker),
		MaxKeys:               in.MaxKeys,
		KeyCount:              &count,
		Delimiter:             backend.GetPtrFromString(aws.ToString(in.Delimiter)),
		IsTruncated:           &found.Truncated,
		Contents:              found.Objects,
		CommonPrefixes:        found.CommonPrefixes,
	}, nil
}

func (d *folder) walk(ctx context.Context, bucket string, prefix, delimiter *string, after string, limit *int32) (backend.WalkResults, error) {
	d.publish.RLock()
	defer d.publish.RUnlock()
	return backend.Walk(ctx, os.DirFS(filepath.Join(d.root, bucket)), aws.ToString(prefix), aws.ToString(delimiter),
		after, aws.ToInt32(limit), func(key string, entry fs.DirEntry) (s3response.Object, error) {
			return d.listed(bucket, key, entry)
		}, nil)
}

// listed makes an entry of a list of a file, or of a directory that has a marker.
func (d *folder) listed(bucket, key string, entry fs.DirEntry) (s3response.Object, error) {
	if !listable(key) || !entry.IsDir() && !entry.Type().IsRegular() {
		return s3response.Object{}, backend.ErrSkipObj
	}
	info, err := entry.Info()
	if err != nil { // gone since the directory was read
		return s3response.Object{}, backend.ErrSkipObj
	}
	doc := new(document)
	ok, err := readJSON(d.documentPath(bucket, key), doc)
	if err != nil {
		return s3response.Object{}, err
	}
	if !ok || !doc.describes(info) {
		age := time.Since(info.ModTime()) // negative for times set by a clock ahead
		if info.IsDir() || 0 <= age && age < Quiet {
			return s3response.Object{}, backend.ErrSkipObj
		}
		doc = handmade(info)
	}
	modified := info.ModTime()
	return s3response.Object{
		Key: &key, ETag: &doc.ETag, Size: &doc.Size, LastModified: &modified,
		StorageClass: types.ObjectStorageClassStandard,
	}, nil
}

func contentRange(first, length, size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", first, first+length-1, size)
}

// time is the file's time of change.
func (d *document) time() time.Time { return time.Unix(0, d.Modified).UTC() }
