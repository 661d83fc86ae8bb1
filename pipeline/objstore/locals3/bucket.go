package locals3

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// A bucket is a directory under root; the only account owns all of them. The front
// end asks for ACL, policy, CORS and locks on most requests: there are none.

func (d *folder) exists(bucket string) error {
	info, err := os.Stat(filepath.Join(d.root, bucket))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !info.IsDir() {
		return s3err.GetBucketErr(s3err.ErrNoSuchBucket, bucket)
	}
	return nil
}

// without answers a request for a setting that no bucket has.
func (d *folder) without(bucket string, code s3err.ErrorCode) error {
	if err := d.exists(bucket); err != nil {
		return d.answer("find bucket", err)
	}
	return s3err.GetBucketErr(code, bucket)
}

// ListBuckets implements backend.Backend.
func (d *folder) ListBuckets(_ context.Context, in s3response.ListBucketsInput) (s3response.ListAllMyBucketsResult, error) {
	out := s3response.ListAllMyBucketsResult{Owner: s3response.CanonicalUser{ID: in.Owner}, Prefix: in.Prefix}
	entries, err := os.ReadDir(d.root)
	if err != nil {
		return out, d.answer("list buckets", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.IsDir() || !utils.IsValidBucketName(entry.Name()) {
			continue
		}
		out.Buckets.Bucket = append(out.Buckets.Bucket,
			s3response.ListAllMyBucketsEntry{Name: entry.Name(), CreationDate: info.ModTime()})
	}
	return out, nil
}

// HeadBucket implements backend.Backend.
func (d *folder) HeadBucket(_ context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	return &s3.HeadBucketOutput{}, d.answer("head bucket", d.exists(*in.Bucket))
}

// GetBucketAcl implements backend.Backend: the owner may do everything.
//
//lint:ignore ST1003 the interface names it so
func (d *folder) GetBucketAcl(_ context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	if err := d.exists(*in.Bucket); err != nil {
		return nil, d.answer("get bucket acl", err)
	}
	return json.Marshal(auth.ACL{Owner: d.owner})
}

// CreateBucket implements backend.Backend.
func (d *folder) CreateBucket(_ context.Context, in *s3.CreateBucketInput, _ []byte) error {
	err := os.Mkdir(filepath.Join(d.root, *in.Bucket), 0o755)
	if errors.Is(err, fs.ErrExist) {
		return s3err.GetBucketErr(s3err.ErrBucketAlreadyOwnedByYou, *in.Bucket)
	}
	return d.answer("create bucket", err)
}

// DeleteBucket implements backend.Backend. Empty folders do not keep a bucket.
func (d *folder) DeleteBucket(ctx context.Context, bucket string) error {
	if err := d.exists(bucket); err != nil {
		return d.answer("delete bucket", err)
	}
	d.publish.Lock()
	defer d.publish.Unlock()
	dir := filepath.Join(d.root, bucket)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			err = s3err.GetBucketErr(s3err.ErrBucketNotEmpty, bucket)
		}
		return err
	})
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err == nil {
		err = os.RemoveAll(filepath.Join(d.sidecar, bucket+".d"))
	}
	return d.answer("delete bucket", err)
}

// GetBucketVersioning implements backend.Backend: never enabled.
func (d *folder) GetBucketVersioning(_ context.Context, bucket string) (s3response.GetBucketVersioningOutput, error) {
	return s3response.GetBucketVersioningOutput{}, d.answer("get bucket versioning", d.exists(bucket))
}

// GetBucketPolicy implements backend.Backend.
func (d *folder) GetBucketPolicy(_ context.Context, bucket string) ([]byte, error) {
	return nil, d.without(bucket, s3err.ErrNoSuchBucketPolicy)
}

// GetBucketCors implements backend.Backend.
func (d *folder) GetBucketCors(_ context.Context, bucket string) ([]byte, error) {
	return nil, d.without(bucket, s3err.ErrNoSuchCORSConfiguration)
}

// GetBucketTagging implements backend.Backend.
func (d *folder) GetBucketTagging(_ context.Context, bucket string) (map[string]string, error) {
	return nil, d.without(bucket, s3err.ErrBucketTaggingNotFound)
}

// GetBucketOwnershipControls implements backend.Backend.
func (d *folder) GetBucketOwnershipControls(_ context.Context, bucket string) (types.ObjectOwnership, error) {
	return "", d.without(bucket, s3err.ErrOwnershipControlsNotFound)
}

// GetObjectLockConfiguration implements backend.Backend.
func (d *folder) GetObjectLockConfiguration(_ context.Context, bucket string) ([]byte, error) {
	return nil, d.without(bucket, s3err.ErrObjectLockConfigurationNotFound)
}

// GetObjectAcl implements backend.Backend.
//
//lint:ignore ST1003 the interface names it so
func (d *folder) GetObjectAcl(context.Context, *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	owner := aws.String(d.owner)
	return &s3.GetObjectAclOutput{Owner: &types.Owner{ID: owner}, Grants: []types.Grant{{
		Grantee:    &types.Grantee{ID: owner, Type: types.TypeCanonicalUser},
		Permission: types.PermissionFullControl,
	}}}, nil
}
