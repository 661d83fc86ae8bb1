package objstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"syscall"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Pin is what an import keeps of the object.
func (o Object) Pin() schemas.ObjectPin {
	return schemas.ObjectPin{
		Bucket: o.Bucket, Key: o.Key, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size, Modified: o.LastModified,
	}
}

// Pinned is the object that an import keeps.
func Pinned(pin schemas.ObjectPin) Object {
	return Object{
		Bucket: pin.Bucket, Key: pin.Key, VersionID: pin.VersionID, ETag: pin.ETag, Size: pin.Size, LastModified: pin.Modified,
	}
}

// Source reads pinned objects for the fetch stage, with errors that say what they
// mean for the import.
type Source struct{ Store *Store }

// Download is [Store.Download]. Its errors are *pipeline.Error: rejected with
// FILE_CHANGED when the key holds other content by now or nothing at all, otherwise
// of the kind that fits.
func (s Source) Download(ctx context.Context, pin schemas.ObjectPin, path string, progress func(done int64)) ([sha256.Size]byte, error) {
	sum, err := s.Store.Download(ctx, Pinned(pin), path, progress)
	if err == nil {
		return sum, nil
	}
	out := &pipeline.Error{Op: "fetch object", Kind: meaning(err), Err: err, Hint: pipeline.HintOf(err)}
	if errors.Is(err, ErrChanged) || errors.Is(err, ErrNotFound) {
		out.Kind, out.Code = pipeline.KindRejected, "FILE_CHANGED"
	}
	return sum, out
}

// As lets pipeline.KindOf and pipeline.HintOf see what the failure means.
func (e *Error) As(target any) bool {
	out, ok := target.(**pipeline.Error)
	if !ok {
		return false
	}
	*out = &pipeline.Error{Op: e.Op, Kind: meaning(e), Err: e.cause, Hint: e.hint()}
	return true
}

// hint says what a person can do; empty where waiting is all.
func (e *Error) hint() string {
	switch {
	case e.Code == "RequestTimeTooSkewed":
		return "Set the clock of this machine: the object store refuses requests whose time is more than 15 minutes off."
	case e.Status == http.StatusMovedPermanently, e.Code == "PermanentRedirect", e.Code == "AuthorizationHeaderMalformed",
		e.Code == "IllegalLocationConstraintException":
		return "Set BATEIA_S3_REGION to the region of bucket " + e.Bucket + "."
	case errors.Is(e, ErrDenied):
		return "Check the access key, its secret and what they may do in bucket " + e.Bucket + "."
	case e.Code == "NoSuchBucket":
		return "Make bucket " + e.Bucket + ", or set BATEIA_S3_BUCKET to one that is there."
	}
	return ""
}

// meaning is transient for what may pass by itself, a full scratch disk among it:
// other workers may have room.
func meaning(err error) pipeline.Kind {
	switch {
	case retryable(err), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return pipeline.KindTransient
	}
	return pipeline.KindPermanent
}
