package locals3

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
)

// maxPart is the longest part of a key between slashes, in bytes: file systems
// take 255, and a document's file has up to ten more.
const maxPart = 240

// staging is the directory under root for files that are no objects yet. No bucket
// can be named so.
const staging = ".staging"

// folder is the backend of versitygw's front end. What it does not implement is
// answered with NotImplemented.
type folder struct {
	backend.BackendUnsupported
	root    string // one directory per bucket
	sidecar string // the documents
	owner   string // the only account
	log     *slog.Logger
	emit    func(bucket, key, event string)

	// publish is held for writing while a staged file takes its name or an object
	// goes, and for reading while a file is opened and its document read. Bodies
	// stream outside of it.
	publish sync.RWMutex
}

func (d *folder) String() string { return "local folder" }

// NormalizeObjectKey implements backend.Backend: keys that are not plain are refused.
func (d *folder) NormalizeObjectKey(_, key string) string { return key }

func (d *folder) path(bucket, key string) string {
	return filepath.Join(d.root, bucket, filepath.FromSlash(key))
}

// answer makes errors presentable: unexpected ones are logged here, because the
// front end would print them to standard error.
func (d *folder) answer(op string, err error) error {
	var known s3err.S3Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return s3err.GetKeyTooLongErr(1025, 1024)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled):
		return s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	d.log.Error("local object store", "op", op, "err", err)
	return s3err.GetAPIError(s3err.ErrInternalError)
}

// checkKey refuses keys that a file cannot stand for or a list cannot carry.
func checkKey(key string) error {
	for part := range strings.SplitSeq(strings.TrimSuffix(key, "/"), "/") {
		if part == "" || part == "." || part == ".." {
			return s3err.GetAPIError(s3err.ErrInvalidURI)
		}
		if len(part) > maxPart {
			return s3err.GetKeyTooLongErr(int64(len(key)), maxPart)
		}
	}
	if !listable(key) {
		return s3err.GetAPIError(s3err.ErrInvalidURI)
	}
	return nil
}

// listable tells whether XML, and so a list, can carry the key.
func listable(key string) bool {
	return utf8.ValidString(key) && !strings.ContainsFunc(key, func(r rune) bool {
		return unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF'
	})
}

// find gives an object's file and document. The caller holds publish.
func (d *folder) find(bucket, key string) (fs.FileInfo, *document, error) {
	if checkKey(key) != nil {
		return nil, nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	info, err := os.Stat(d.path(bucket, key))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() != strings.HasSuffix(key, "/") {
		return nil, nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	doc, err := d.documentFor(bucket, key, info)
	if err != nil {
		return nil, nil, err
	}
	if doc == nil {
		return nil, nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	return info, doc, nil
}

// opened is an object ready to be read.
type opened struct {
	info          fs.FileInfo
	doc           *document
	file          *os.File // nil for folder markers
	first, length int64
	contentRange  *string
}

// open evaluates conditions and range, and opens the file under one lock, so that
// the bytes are those of the ETag whatever is put meanwhile.
func (d *folder) open(bucket, key string, conditions backend.PreConditions, byteRange *string, part *int32) (o opened, err error) {
	d.publish.RLock()
	defer d.publish.RUnlock()
	if o.info, o.doc, err = d.find(bucket, key); err != nil {
		return o, err
	}
	if err := backend.EvaluatePreconditions(o.doc.ETag, o.info.ModTime(), conditions); err != nil {
		return o, err
	}
	size := o.info.Size()
	if o.doc.Folder {
		size = 0
	}
	if part != nil && *part > 1 { // every object reads as one part
		return o, s3err.GetInvalidPartNumberRangeErr(1, *part)
	}
	var ranged bool
	o.first, o.length, ranged, err = backend.ParseObjectRange(size, aws.ToString(byteRange))
	if err != nil {
		return o, err
	}
	if ranged || part != nil && size > 0 {
		o.contentRange = aws.String(contentRange(o.first, o.length, size))
	}
	if o.doc.Folder {
		return o, nil
	}
	o.file, err = os.Open(d.path(bucket, key))
	return o, err
}

// GetObject implements backend.Backend.
func (d *folder) GetObject(_ context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if err := noVersion(in.VersionId); err != nil {
		return nil, err
	}
	o, err := d.open(*in.Bucket, *in.Key, backend.PreConditions{
		IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch,
		IfModSince: in.IfModifiedSince, IfUnmodeSince: in.IfUnmodifiedSince,
	}, in.Range, in.PartNumber)
	if err != nil {
		return nil, d.answer("get object", err)
	}
	modified, h := o.info.ModTime(), o.doc.Headers
	out := &s3.GetObjectOutput{
		AcceptRanges:       aws.String("bytes"),
		ContentLength:      &o.length,
		ContentRange:       o.contentRange,
		ContentType:        given(h.ContentType),
		ContentEncoding:    given(h.ContentEncoding),
		ContentDisposition: given(h.ContentDisposition),
		ContentLanguage:    given(h.ContentLanguage),
		CacheControl:       given(h.CacheControl),
		ExpiresString:      given(h.Expires),
		ETag:               &o.doc.ETag,
		LastModified:       &modified,
		Metadata:           o.doc.Metadata,
		StorageClass:       types.StorageClassStandard,
	}
	if o.file != nil {
		out.Body = body(o)
	}
	return out, nil
}

// body reads the range. A whole file is handed out as it is, for sendfile.
func body(o opened) io.ReadCloser {
	if o.length == o.info.Size() {
		return o.file
	}
	return &backend.FileSectionReadCloser{R: io.NewSectionReader(o.file, o.first, o.length), F: o.file}
}

// HeadObject implements backend.Backend.
func (d *folder) HeadObject(_ context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	if err := noVersion(in.VersionId); err != nil {
		return nil, err
	}
	o, err := d.open(*in.Bucket, *in.Key, backend.PreConditions{
		IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch,
		IfModSince: in.IfModifiedSince, IfUnmodeSince: in.IfUnmodifiedSince,
	}, in.Range, in.PartNumber)
	if err != nil {
		return nil, d.answer("head object", err)
	}
	if o.file != nil {
		o.file.Close()
	}
	modified, h := o.info.ModTime(), o.doc.Headers
	return &s3.HeadObjectOutput{
		AcceptRanges:       aws.String("bytes"),
		ContentLength:      &o.length,
		ContentRange:       o.contentRange,
		ContentType:        given(h.ContentType),
		ContentEncoding:    given(h.ContentEncoding),
		ContentDisposition: given(h.ContentDisposition),
		ContentLanguage:    given(h.ContentLanguage),
		CacheControl:       given(h.CacheControl),
		ExpiresString:      given(h.Expires),
		ETag:               &o.doc.ETag,
		LastModified:       &modified,
		Metadata:           o.doc.Metadata,
		StorageClass:       types.StorageClassStandard,
	}, nil
}

// noVersion refuses reads of versions, of which there are none.
func noVersion(id *string) error {
	if v := aws.ToString(id); v != "" && v != "null" {
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgVersionId, v)
	}
	return nil
}

func given(header string) *string {
	if header == "" {
		return nil
	}
	return &header
}
