package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/schemas"
)

// Files is the bucket as stages and plans need it: local files go in and out,
// and every error says what it means for the work.
type Files struct{ Store *objstore.Store }

// Download implements fetch.Store.
func (f Files) Download(ctx context.Context, obj schemas.ObjectPin, path string, progress func(done int64)) (sum [sha256.Size]byte, err error) {
	sum, err = f.Store.Download(ctx, unpin(obj), path, progress)
	if errors.Is(err, objstore.ErrChanged) || errors.Is(err, objstore.ErrNotFound) {
		return sum, &pipeline.Error{Op: "read object", Kind: pipeline.KindRejected, Code: "FILE_CHANGED", Err: err}
	}
	return sum, meaning("read object", err)
}

// PutFile implements stages.PlanStore.
func (f Files) PutFile(ctx context.Context, key, path string) error {
	return f.put(ctx, key, path, "")
}

// PutPage implements sync.Pages.
func (f Files) PutPage(ctx context.Context, key string, data []byte) error {
	_, err := f.Store.Put(ctx, key, bytes.NewReader(data), objstore.PutOptions{ContentType: "application/zstd"})
	return meaning("put page", err)
}

// GetPage implements sync.Pages.
func (f Files) GetPage(ctx context.Context, key string) ([]byte, error) {
	obj, err := f.Store.Head(ctx, key, "")
	if err != nil {
		return nil, meaning("get page", err)
	}
	data, err := f.Store.ReadRange(ctx, obj, 0, obj.Size)
	return data, meaning("get page", err)
}

func (f Files) put(ctx context.Context, key, path, contentType string) error {
	_, err := f.Store.PutFile(ctx, key, path, objstore.PutOptions{ContentType: contentType}, nil)
	return meaning("put object", err)
}

// GetFile implements stages.PlanStore.
func (f Files) GetFile(ctx context.Context, key, path string) error {
	obj, err := f.Store.Head(ctx, key, "")
	if err == nil {
		_, err = f.Store.Download(ctx, obj, path, nil)
	}
	if errors.Is(err, objstore.ErrNotFound) {
		return fmt.Errorf("get object %s: %w", key, fs.ErrNotExist)
	}
	return meaning("get object", err)
}

// meaning says of an error of the store whether trying again can help.
func meaning(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, objstore.ErrUnavailable), errors.Is(err, objstore.ErrTruncated):
		return &pipeline.Error{Op: op, Kind: pipeline.KindTransient, Code: "SERVICE_UNAVAILABLE", Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &pipeline.Error{Op: op, Kind: pipeline.KindPermanent, Err: err}
}

// Pin is the exact object that an import reads.
func Pin(o objstore.Object) schemas.ObjectPin {
	return schemas.ObjectPin{Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size, Modified: o.LastModified}
}

func unpin(o schemas.ObjectPin) objstore.Object {
	return objstore.Object{Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size, LastModified: o.Modified}
}
