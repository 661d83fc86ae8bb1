package objstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// probePrefix holds the object that Probe writes and removes.
const probePrefix = "probe/"

// Capabilities is what a server was seen to do.
type Capabilities struct {
	ListV2      bool // ListObjectsV2 with prefix and start-after
	IfMatch     bool // reads of overwritten content are refused
	Ranges      bool // ranged reads
	IfNoneMatch bool // puts only when the key is free
	Metadata    bool // x-amz-meta-* survives
	// Versioning tells whether the bucket keeps versions. Both ways work; with
	// versions a pinned object can still be read after it was overwritten.
	Versioning bool
	// Missing has a sentence for each behavior that is needed and was not seen.
	Missing []string
}

// Probe tries the behavior that Bateia needs with one small object under
// "probe/", which it removes. It returns an error only when the store cannot be
// used at all (ErrUnavailable, ErrDenied, ErrNotFound for the bucket).
func (s *Store) Probe(ctx context.Context) (c Capabilities, err error) {
	name := rand.Text()
	key := probePrefix + name
	first, err := s.Put(ctx, key, strings.NewReader("0123456789"), PutOptions{
		ContentType: "text/plain", Metadata: map[string]string{"bateia-probe": name},
	})
	if err != nil {
		return c, fmt.Errorf("probe bucket %s: %w", s.cfg.Bucket, err)
	}
	defer func() {
		if failed := s.Delete(context.WithoutCancel(ctx), key); failed != nil && err == nil {
			c.Missing = append(c.Missing, "Objects cannot be deleted with these credentials: "+failed.Error())
		}
	}()

	checks := []struct {
		ok       *bool
		try      func() (bool, error)
		sentence string
	}{
		{&c.ListV2, func() (bool, error) { return s.probeList(ctx, key) },
			"ListObjectsV2 does not find a new object by prefix and start-after: drops cannot be scanned."},
		{&c.Ranges, func() (bool, error) {
			b, err := s.ReadRange(ctx, first, 3, 4)
			return string(b) == "3456", err
		}, "Ranged reads do not work: a broken download could not go on where it broke."},
		{&c.IfMatch, func() (bool, error) { return s.probeIfMatch(ctx, key) },
			"If-Match is ignored on reads: a file overwritten while it is read might not be noticed."},
		{&c.IfNoneMatch, func() (bool, error) {
			_, err := s.Put(ctx, key, strings.NewReader("x"), PutOptions{IfNoneMatch: true})
			return errors.Is(err, ErrExists), nil
		}, "If-None-Match is ignored on writes: two workers could write one object over each other."},
		{&c.Metadata, func() (bool, error) {
			// The conditional put before may have overwritten it on a careless server.
			if !c.IfNoneMatch {
				first.Metadata = map[string]string{"bateia-probe": name}
				if _, err := s.Put(ctx, key, strings.NewReader("0123456789"), PutOptions{Metadata: first.Metadata}); err != nil {
					return false, err
				}
			}
			head, err := s.Head(ctx, key, "")
			return head.Metadata["bateia-probe"] == name, err
		}, "Object metadata is lost: options given as x-amz-meta-bateia-* would be ignored."},
	}
	for _, check := range checks {
		ok, err := check.try()
		if err != nil && (errors.Is(err, ErrUnavailable) || ctx.Err() != nil) {
			return c, fmt.Errorf("probe bucket %s: %w", s.cfg.Bucket, err)
		}
		if *check.ok = ok && err == nil; !*check.ok {
			sentence := check.sentence
			if err != nil {
				sentence += " (" + err.Error() + ")"
			}
			c.Missing = append(c.Missing, sentence)
		}
	}
	c.Versioning = s.versioned(ctx, first)
	return c, nil
}

// probeList looks for key behind a start-after just before it.
func (s *Store) probeList(ctx context.Context, key string) (bool, error) {
	for page, err := range s.List(ctx, probePrefix, key[:len(key)-1]) {
		if err != nil {
			return false, err
		}
		for _, obj := range page.Objects {
			if obj.Key == key {
				return true, nil
			}
		}
	}
	return false, nil
}

// probeIfMatch reads with an ETag that the object never had.
func (s *Store) probeIfMatch(ctx context.Context, key string) (bool, error) {
	ctx, cancel := s.short(ctx)
	defer cancel()
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &s.cfg.Bucket, Key: &key, IfMatch: aws.String(`"00000000000000000000000000000000"`),
	})
	if err == nil {
		out.Body.Close()
		return false, nil
	}
	err = s.wrap(ctx, "read object", key, err)
	if errors.Is(err, ErrChanged) {
		return true, nil
	}
	return false, err
}

// versioned believes a version id; without one it asks the bucket, which some
// servers and policies refuse.
func (s *Store) versioned(ctx context.Context, written Object) bool {
	if written.VersionID != "" {
		return true
	}
	ctx, cancel := s.short(ctx)
	defer cancel()
	out, err := s.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &s.cfg.Bucket})
	return err == nil && out.Status == types.BucketVersioningStatusEnabled
}
