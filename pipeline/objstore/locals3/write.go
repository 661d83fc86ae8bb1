package locals3

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// S3's names for what happens to objects, as Options.OnEvent gets them.
const (
	eventPut      = "s3:ObjectCreated:Put"
	eventCopy     = "s3:ObjectCreated:Copy"
	eventComplete = "s3:ObjectCreated:CompleteMultipartUpload"
	eventDelete   = "s3:ObjectRemoved:Delete"
)

// PutObject implements backend.Backend.
func (d *folder) PutObject(_ context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	doc := &document{Metadata: in.Metadata, Headers: headers{
		ContentType: aws.ToString(in.ContentType), ContentEncoding: aws.ToString(in.ContentEncoding),
		ContentDisposition: aws.ToString(in.ContentDisposition), ContentLanguage: aws.ToString(in.ContentLanguage),
		CacheControl: aws.ToString(in.CacheControl), Expires: aws.ToString(in.Expires),
	}}
	if err := d.put(*in.Bucket, *in.Key, doc, in); err != nil {
		return s3response.PutObjectOutput{}, d.answer("put object", err)
	}
	d.emit(*in.Bucket, *in.Key, eventPut)
	return s3response.PutObjectOutput{ETag: doc.ETag, Size: &doc.Size}, nil
}

// put stages the body of in and publishes it with doc, which it completes.
func (d *folder) put(bucket, key string, doc *document, in s3response.PutObjectInput) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if strings.HasSuffix(key, "/") {
		return d.putFolder(bucket, key, doc, in)
	}
	// Before the body is read: who may not write need not send it all.
	if err := d.mayPut(bucket, key, in.IfMatch, in.IfNoneMatch); err != nil {
		return err
	}
	file, err := d.stage()
	if err != nil {
		return err
	}
	defer discard(file)
	algorithm, want := askedChecksum(in)
	if doc.ETag, err = receive(file, in.Body, aws.ToInt64(in.ContentLength), algorithm, want); err != nil {
		return err
	}
	return d.publishFile(file, bucket, key, doc, in.IfMatch, in.IfNoneMatch)
}

// putFolder makes the marker object that clients create for a new folder.
func (d *folder) putFolder(bucket, key string, doc *document, in s3response.PutObjectInput) error {
	if aws.ToInt64(in.ContentLength) != 0 {
		return s3err.GetAPIError(s3err.ErrDirectoryObjectContainsData)
	}
	d.publish.Lock()
	defer d.publish.Unlock()
	if err := d.mayPutLocked(bucket, key, in.IfMatch, in.IfNoneMatch); err != nil {
		return err
	}
	if err := makeParents(d.path(bucket, key)); err != nil {
		return err
	}
	doc.Folder, doc.ETag = true, fmt.Sprintf(`"%x"`, md5.Sum(nil))
	return writeJSON(d.documentPath(bucket, key), doc)
}

func (d *folder) mayPut(bucket, key string, ifMatch, ifNoneMatch *string) error {
	d.publish.RLock()
	defer d.publish.RUnlock()
	return d.mayPutLocked(bucket, key, ifMatch, ifNoneMatch)
}

// mayPutLocked evaluates the conditions of a put. The caller holds publish.
func (d *folder) mayPutLocked(bucket, key string, ifMatch, ifNoneMatch *string) error {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	_, doc, err := d.find(bucket, key)
	switch {
	case err == nil:
		return backend.EvaluateObjectPutPreconditions(doc.ETag, ifMatch, ifNoneMatch, true)
	case errors.Is(err, s3err.GetAPIError(s3err.ErrNoSuchKey)):
		return backend.EvaluateObjectPutPreconditions("", ifMatch, ifNoneMatch, false)
	}
	return err
}

// stage opens a file that is no object yet. It lies on the file system of the
// buckets, so that publishing is a rename.
func (d *folder) stage() (*os.File, error) {
	// Readable as if copied in by hand; the root itself is 0700.
	return os.OpenFile(filepath.Join(d.root, staging, "put-"+rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}

// discard removes a staged file; after publishing there is nothing left to remove.
func discard(file *os.File) {
	file.Close()
	os.Remove(file.Name())
}

// askedChecksum gives the checksum that the client sent in a header, if any.
// Trailing ones are checked by the front end's reader.
func askedChecksum(in s3response.PutObjectInput) (utils.HashType, string) {
	return firstChecksum([]sentChecksum{
		{utils.HashTypeCRC32, in.ChecksumCRC32}, {utils.HashTypeCRC32C, in.ChecksumCRC32C},
		{utils.HashTypeCRC64NVME, in.ChecksumCRC64NVME}, {utils.HashTypeSha1, in.ChecksumSHA1},
		{utils.HashTypeSha256, in.ChecksumSHA256}, {utils.HashTypeSha512, in.ChecksumSHA512},
		{utils.HashTypeMd5, in.ChecksumMD5}, {utils.HashTypeXXHASH64, in.ChecksumXXHASH64},
		{utils.HashTypeXXHASH3, in.ChecksumXXHASH3}, {utils.HashTypeXXHASH128, in.ChecksumXXHASH128},
	})
}

type sentChecksum struct {
	algorithm utils.HashType
	value     *string
}

func firstChecksum(sent []sentChecksum) (utils.HashType, string) {
	for _, s := range sent {
		if aws.ToString(s.value) != "" {
			return s.algorithm, *s.value
		}
	}
	return utils.HashTypeNone, ""
}

// receive copies a request body to file, checks its length and checksum, and gives
// the ETag: the MD5 in quotes.
func receive(file *os.File, r io.Reader, length int64, algorithm utils.HashType, want string) (etag string, err error) {
	if r == nil {
		r = strings.NewReader("")
	}
	if trailing, ok := r.(middlewares.ChecksumReader); algorithm != utils.HashTypeNone && (!ok || trailing.Algorithm() == "") {
		if r, err = utils.NewHashReader(r, want, algorithm); err != nil {
			return "", err
		}
	}
	hash := md5.New()
	n, err := io.CopyBuffer(io.MultiWriter(file, hash), struct{ io.Reader }{r}, make([]byte, 256<<10))
	if err != nil {
		return "", err
	}
	if n < length {
		return "", io.ErrUnexpectedEOF
	}
	return fmt.Sprintf(`"%x"`, hash.Sum(nil)), nil
}

// publishFile makes the staged file the object, in one step for all readers.
func (d *folder) publishFile(file *os.File, bucket, key string, doc *document, ifMatch, ifNoneMatch *string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	doc.stamp(info)
	path := d.path(bucket, key)
	d.publish.Lock()
	defer d.publish.Unlock()
	if err := d.mayPutLocked(bucket, key, ifMatch, ifNoneMatch); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(d.root, bucket)); err != nil {
		return s3err.GetBucketErr(s3err.ErrNoSuchBucket, bucket)
	}
	if err := makeParents(filepath.Dir(path)); err != nil {
		return err
	}
	if old, err := os.Lstat(path); err == nil && old.IsDir() {
		if os.Remove(path) != nil { // an empty folder gives way
			return s3err.GetAPIError(s3err.ErrExistingObjectIsDirectory)
		}
	}
	// The document first: should the rename never happen, it does not describe the
	// old file, which then reads as one changed by hand.
	if err := writeJSON(d.documentPath(bucket, key), doc); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func makeParents(dir string) error {
	err := os.MkdirAll(dir, 0o755)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) {
		return s3err.GetAPIError(s3err.ErrObjectParentIsFile)
	}
	return err
}

// CopyObject implements backend.Backend. Clients rename by copy and delete.
func (d *folder) CopyObject(_ context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	src, err := d.openSource(in.CopySource, backend.PreConditions{
		IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
		IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return s3response.CopyObjectOutput{}, d.answer("copy object", err)
	}
	defer src.file.Close()
	doc := &document{Headers: src.doc.Headers, Metadata: src.doc.Metadata}
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		doc.Metadata, doc.Headers = in.Metadata, headers{
			ContentType: aws.ToString(in.ContentType), ContentEncoding: aws.ToString(in.ContentEncoding),
			ContentDisposition: aws.ToString(in.ContentDisposition), ContentLanguage: aws.ToString(in.ContentLanguage),
			CacheControl: aws.ToString(in.CacheControl), Expires: aws.ToString(in.Expires),
		}
	}
	err = d.put(*in.Bucket, *in.Key, doc, s3response.PutObjectInput{
		Body: io.NewSectionReader(src.file, 0, src.length), ContentLength: &src.length,
	})
	if err != nil {
		return s3response.CopyObjectOutput{}, d.answer("copy object", err)
	}
	d.emit(*in.Bucket, *in.Key, eventCopy)
	modified := doc.time()
	return s3response.CopyObjectOutput{CopyObjectResult: &s3response.CopyObjectResult{
		ETag: &doc.ETag, LastModified: &modified,
	}}, nil
}

// openSource opens the object that a copy header names; never a folder marker.
func (d *folder) openSource(header *string, conditions backend.PreConditions) (opened, error) {
	bucket, key, version, err := backend.ParseCopySource(aws.ToString(header))
	if err != nil {
		return opened{}, err
	}
	if err := noVersion(&version); err != nil {
		return opened{}, err
	}
	o, err := d.open(bucket, key, conditions, nil, nil)
	if err == nil && o.file == nil {
		err = s3err.GetAPIError(s3err.ErrInvalidCopyDest)
	}
	return o, err
}

// DeleteObject implements backend.Backend. What is not there is gone already.
func (d *folder) DeleteObject(_ context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if err := noVersion(in.VersionId); err != nil {
		return nil, err
	}
	gone, err := d.remove(*in.Bucket, *in.Key, backend.ObjectDeletePreconditions{
		IfMatch: in.IfMatch, IfMatchLastModTime: in.IfMatchLastModifiedTime, IfMatchSize: in.IfMatchSize,
	})
	if err != nil {
		return nil, d.answer("delete object", err)
	}
	if gone {
		d.emit(*in.Bucket, *in.Key, eventDelete)
	}
	return &s3.DeleteObjectOutput{}, nil
}

// DeleteObjects implements backend.Backend.
func (d *folder) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	var out s3response.DeleteResult
	for _, id := range in.Delete.Objects {
		_, err := d.DeleteObject(ctx, &s3.DeleteObjectInput{
			Bucket: in.Bucket, Key: id.Key, VersionId: id.VersionId,
			IfMatch: id.ETag, IfMatchLastModifiedTime: id.LastModifiedTime, IfMatchSize: id.Size,
		})
		if err != nil {
			out.Error = append(out.Error, s3err.ObjectDeleteError(id.Key, id.VersionId, err))
			continue
		}
		out.Deleted = append(out.Deleted, types.DeletedObject{Key: id.Key})
	}
	return out, nil
}

// remove deletes an object with the folders that become empty by it.
func (d *folder) remove(bucket, key string, conditions backend.ObjectDeletePreconditions) (gone bool, err error) {
	d.publish.Lock()
	defer d.publish.Unlock()
	info, doc, err := d.find(bucket, key)
	if errors.Is(err, s3err.GetAPIError(s3err.ErrNoSuchKey)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := backend.EvaluateObjectDeletePreconditions(doc.ETag, info.ModTime(), info.Size(), conditions); err != nil {
		return false, err
	}
	path, top := d.path(bucket, key), filepath.Join(d.root, bucket)
	if !doc.Folder {
		if err := os.Remove(path); err != nil {
			return false, err
		}
	}
	if err := d.removeDocument(bucket, key); err != nil {
		return false, err
	}
	if doc.Folder {
		d.pruneFolders(bucket, path, top)
	} else {
		d.pruneFolders(bucket, filepath.Dir(path), top)
	}
	return true, nil
}

// pruneFolders removes empty folders up to the bucket, but none that has a marker.
func (d *folder) pruneFolders(bucket, dir, top string) {
	for ; dir != top && strings.HasPrefix(dir, top); dir = filepath.Dir(dir) {
		key, err := filepath.Rel(top, dir)
		if err != nil {
			return
		}
		if _, err := os.Stat(d.documentPath(bucket, filepath.ToSlash(key))); err == nil {
			return
		}
		if os.Remove(dir) != nil {
			return
		}
	}
}
