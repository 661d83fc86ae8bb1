package locals3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// An upload is a directory "upload-<id>" in staging: upload.json, and for part 7
// the files "7" and "7.json".

type upload struct {
	Bucket   string            `json:"bucket"`
	Key      string            `json:"key"`
	Begun    time.Time         `json:"begun"`
	Headers  headers           `json:"headers"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

type uploadedPart struct {
	Number   int       `json:"number"`
	ETag     string    `json:"etag"`
	Size     int64     `json:"size"`
	Received time.Time `json:"received"`
}

const uploadPrefix = "upload-"

// uploadDir finds an upload by what the client says of it.
func (d *folder) uploadDir(bucket, key, id *string) (dir string, up upload, err error) {
	name := aws.ToString(id)
	missing := s3err.GetNoSuchUploadErr(name)
	if name == "" || strings.ContainsAny(name, `./\`) {
		return "", up, missing
	}
	dir = filepath.Join(d.root, staging, uploadPrefix+name)
	ok, err := readJSON(filepath.Join(dir, "upload.json"), &up)
	if err != nil {
		return "", up, err
	}
	if !ok || up.Bucket != aws.ToString(bucket) || up.Key != aws.ToString(key) {
		return "", up, missing
	}
	return dir, up, nil
}

// CreateMultipartUpload implements backend.Backend.
func (d *folder) CreateMultipartUpload(_ context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	var out s3response.InitiateMultipartUploadResult
	if err := checkKey(*in.Key); err != nil {
		return out, err
	}
	if strings.HasSuffix(*in.Key, "/") {
		return out, s3err.GetAPIError(s3err.ErrDirectoryObjectContainsData)
	}
	id := rand.Text()
	dir := filepath.Join(d.root, staging, uploadPrefix+id)
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		// The front end reuses the memory of its strings; JSON copies them.
		err = writeJSON(filepath.Join(dir, "upload.json"), upload{
			Bucket: *in.Bucket, Key: *in.Key, Begun: time.Now().UTC(), Metadata: in.Metadata, Headers: headers{
				ContentType: aws.ToString(in.ContentType), ContentEncoding: aws.ToString(in.ContentEncoding),
				ContentDisposition: aws.ToString(in.ContentDisposition), ContentLanguage: aws.ToString(in.ContentLanguage),
				CacheControl: aws.ToString(in.CacheControl), Expires: aws.ToString(in.Expires),
			},
		})
	}
	if err != nil {
		return out, d.answer("create upload", err)
	}
	return s3response.InitiateMultipartUploadResult{Bucket: *in.Bucket, Key: *in.Key, UploadId: id}, nil
}

// UploadPart implements backend.Backend.
func (d *folder) UploadPart(_ context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	algorithm, want := firstChecksum([]sentChecksum{
		{utils.HashTypeCRC32, in.ChecksumCRC32}, {utils.HashTypeCRC32C, in.ChecksumCRC32C},
		{utils.HashTypeCRC64NVME, in.ChecksumCRC64NVME}, {utils.HashTypeSha1, in.ChecksumSHA1},
		{utils.HashTypeSha256, in.ChecksumSHA256}, {utils.HashTypeSha512, in.ChecksumSHA512},
		{utils.HashTypeMd5, in.ChecksumMD5}, {utils.HashTypeXXHASH64, in.ChecksumXXHASH64},
		{utils.HashTypeXXHASH3, in.ChecksumXXHASH3}, {utils.HashTypeXXHASH128, in.ChecksumXXHASH128},
	})
	part, err := d.putPart(in.Bucket, in.Key, in.UploadId, in.PartNumber, in.Body, aws.ToInt64(in.ContentLength), algorithm, want)
	if err != nil {
		return nil, d.answer("upload part", err)
	}
	return &s3.UploadPartOutput{ETag: &part.ETag}, nil
}

// UploadPartCopy implements backend.Backend.
func (d *folder) UploadPartCopy(_ context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	src, err := d.openSource(in.CopySource, backend.PreConditions{
		IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
		IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return s3response.CopyPartResult{}, d.answer("copy part", err)
	}
	defer src.file.Close()
	first, length, err := backend.ParseCopySourceRange(src.length, aws.ToString(in.CopySourceRange))
	if err != nil {
		return s3response.CopyPartResult{}, err
	}
	part, err := d.putPart(in.Bucket, in.Key, in.UploadId, in.PartNumber,
		io.NewSectionReader(src.file, first, length), length, utils.HashTypeNone, "")
	if err != nil {
		return s3response.CopyPartResult{}, d.answer("copy part", err)
	}
	return s3response.CopyPartResult{ETag: &part.ETag, LastModified: part.Received}, nil
}

// putPart stages a part's bytes and gives them its number; the last one to do so
// wins.
func (d *folder) putPart(bucket, key, id *string, number *int32, r io.Reader, length int64, algorithm utils.HashType, want string) (uploadedPart, error) {
	dir, _, err := d.uploadDir(bucket, key, id)
	if err != nil {
		return uploadedPart{}, err
	}
	file, err := d.stage()
	if err != nil {
		return uploadedPart{}, err
	}
	defer discard(file)
	part := uploadedPart{Number: int(aws.ToInt32(number)), Received: time.Now().UTC()}
	if part.ETag, err = receive(file, r, length, algorithm, want); err != nil {
		return uploadedPart{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return uploadedPart{}, err
	}
	part.Size = info.Size()
	d.publish.Lock() // two senders of one part
	defer d.publish.Unlock()
	name := filepath.Join(dir, strconv.Itoa(part.Number))
	if err := os.Rename(file.Name(), name); err != nil {
		if errors.Is(err, fs.ErrNotExist) { // completed or aborted meanwhile
			err = s3err.GetNoSuchUploadErr(aws.ToString(id))
		}
		return uploadedPart{}, err
	}
	return part, writeJSON(name+".json", part)
}

// CompleteMultipartUpload implements backend.Backend. Doing it again gives the same
// answer as long as the object is there.
func (d *folder) CompleteMultipartUpload(_ context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	doc, err := d.complete(in)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", d.answer("complete upload", err)
	}
	return s3response.CompleteMultipartUploadResult{Bucket: in.Bucket, Key: in.Key, ETag: &doc.ETag}, "", nil
}

func (d *folder) complete(in *s3.CompleteMultipartUploadInput) (*document, error) {
	dir, up, err := d.uploadDir(in.Bucket, in.Key, in.UploadId)
	if errors.As(err, new(s3err.S3Error)) {
		d.publish.RLock()
		_, doc, findErr := d.find(*in.Bucket, *in.Key)
		d.publish.RUnlock()
		if findErr == nil && doc.Upload != "" && doc.Upload == aws.ToString(in.UploadId) {
			return doc, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) == 0 {
		return nil, s3err.GetAPIError(s3err.ErrMalformedXML)
	}
	parts := in.MultipartUpload.Parts
	size, err := checkParts(dir, aws.ToString(in.UploadId), parts)
	if err != nil {
		return nil, err
	}
	if in.MpuObjectSize != nil && *in.MpuObjectSize != size {
		return nil, s3err.GetIncorrectMpObjectSizeErr(size, *in.MpuObjectSize)
	}
	doc := &document{Upload: strings.Clone(*in.UploadId), Headers: up.Headers, Metadata: up.Metadata}
	if doc.ETag, err = backend.ComputeMultipartETagFromPartETags(parts); err != nil {
		return nil, err
	}
	file, err := d.stage()
	if err != nil {
		return nil, err
	}
	defer discard(file)
	if err := joinParts(file, dir, parts, size); err != nil {
		return nil, err
	}
	if err := d.publishFile(file, up.Bucket, up.Key, doc, in.IfMatch, in.IfNoneMatch); err != nil {
		return nil, err
	}
	d.emit(up.Bucket, up.Key, eventComplete)
	return doc, os.RemoveAll(dir)
}

// checkParts compares the client's list with what arrived and gives the total size.
func checkParts(dir, id string, parts []types.CompletedPart) (size int64, err error) {
	last := int32(0)
	for _, p := range parts {
		if p.PartNumber == nil || p.ETag == nil {
			return 0, s3err.GetAPIError(s3err.ErrMalformedXML)
		}
		if *p.PartNumber <= last {
			return 0, s3err.GetAPIError(s3err.ErrInvalidPartOrder)
		}
		last = *p.PartNumber
	}
	for i, p := range parts {
		var got uploadedPart
		ok, err := readJSON(filepath.Join(dir, strconv.Itoa(int(*p.PartNumber))+".json"), &got)
		if err != nil {
			return 0, err
		}
		if !ok || !backend.AreEtagsSame(got.ETag, *p.ETag) {
			return 0, s3err.GetInvalidPartErr(id, *p.PartNumber, *p.ETag)
		}
		if i < len(parts)-1 && got.Size < backend.MinPartSize {
			return 0, s3err.GetEntityTooSmallErr(got.Size, backend.MinPartSize)
		}
		size += got.Size
	}
	return size, nil
}

// joinParts copies the parts one behind the other; between files the kernel copies,
// or shares the blocks.
func joinParts(file *os.File, dir string, parts []types.CompletedPart, size int64) error {
	var total int64
	for _, p := range parts {
		part, err := os.Open(filepath.Join(dir, strconv.Itoa(int(*p.PartNumber))))
		if err != nil {
			return err
		}
		n, err := io.Copy(file, part)
		part.Close()
		if err != nil {
			return err
		}
		total += n
	}
	if total != size {
		return fmt.Errorf("parts changed while they were joined: %d bytes of %d", total, size)
	}
	return nil
}

// AbortMultipartUpload implements backend.Backend.
func (d *folder) AbortMultipartUpload(_ context.Context, in *s3.AbortMultipartUploadInput) error {
	dir, _, err := d.uploadDir(in.Bucket, in.Key, in.UploadId)
	if err == nil {
		err = os.RemoveAll(dir)
	}
	return d.answer("abort upload", err)
}

// ListParts implements backend.Backend.
func (d *folder) ListParts(_ context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	out := s3response.ListPartsResult{Bucket: *in.Bucket, Key: *in.Key, StorageClass: types.StorageClassStandard}
	dir, _, err := d.uploadDir(in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return out, d.answer("list parts", err)
	}
	out.UploadID = *in.UploadId
	if marker := aws.ToString(in.PartNumberMarker); marker != "" {
		if out.PartNumberMarker, err = strconv.Atoi(marker); err != nil {
			return out, s3err.GetInvalidArgMaxLimiter("part-number-marker", marker)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.json"))
	if err != nil {
		return out, d.answer("list parts", err)
	}
	for _, file := range files {
		var part uploadedPart
		if ok, err := readJSON(file, &part); err != nil || !ok || part.Number <= out.PartNumberMarker {
			continue
		}
		out.Parts = append(out.Parts, s3response.Part{
			PartNumber: part.Number, ETag: part.ETag, Size: part.Size, LastModified: part.Received,
		})
	}
	slices.SortFunc(out.Parts, func(a, b s3response.Part) int { return a.PartNumber - b.PartNumber })
	out.MaxParts = int(aws.ToInt32(in.MaxParts))
	if out.MaxParts > 0 && len(out.Parts) > out.MaxParts {
		out.Parts, out.IsTruncated = out.Parts[:out.MaxParts], true
	}
	if n := len(out.Parts); n > 0 {
		out.NextPartNumberMarker = out.Parts[n-1].PartNumber
	}
	return out, nil
}

// ListMultipartUploads implements backend.Backend.
func (d *folder) ListMultipartUploads(_ context.Context, in *s3.ListMultipartUploadsInput) (s3response.ListMultipartUploadsResult, error) {
	var out s3response.ListMultipartUploadsResult
	dirs, err := filepath.Glob(filepath.Join(d.root, staging, uploadPrefix+"*"))
	if err != nil {
		return out, d.answer("list uploads", err)
	}
	var found []s3response.Upload
	for _, dir := range dirs {
		var up upload
		if ok, err := readJSON(filepath.Join(dir, "upload.json"), &up); err != nil || !ok || up.Bucket != *in.Bucket {
			continue
		}
		found = append(found, s3response.Upload{
			Key: up.Key, UploadID: strings.TrimPrefix(filepath.Base(dir), uploadPrefix), Initiated: up.Begun,
			StorageClass: types.StorageClassStandard,
		})
	}
	slices.SortFunc(found, func(a, b s3response.Upload) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return a.Initiated.Compare(b.Initiated)
	})
	page, err := backend.ListMultipartUploads(found, aws.ToString(in.Prefix), aws.ToString(in.Delimiter),
		aws.ToString(in.KeyMarker), aws.ToString(in.UploadIdMarker), int(aws.ToInt32(in.MaxUploads)))
	if err != nil {
		return out, err
	}
	return s3response.ListMultipartUploadsResult{
		Bucket: *in.Bucket, Prefix: aws.ToString(in.Prefix), Delimiter: aws.ToString(in.Delimiter),
		KeyMarker: aws.ToString(in.KeyMarker), UploadIDMarker: aws.ToString(in.UploadIdMarker),
		MaxUploads: int(aws.ToInt32(in.MaxUploads)), Uploads: page.Uploads, CommonPrefixes: page.CommonPrefixes,
		IsTruncated: page.IsTruncated, NextKeyMarker: page.NextKeyMarker, NextUploadIDMarker: page.NextUploadIDMarker,
	}, nil
}

// sweep removes what a crash left in staging: files at once, uploads after a week.
func (d *folder) sweep(now time.Time) error {
	dir := filepath.Join(d.root, staging)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			continue
		}
		if !entry.IsDir() || now.Sub(info.ModTime()) > 7*24*time.Hour {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
