package objstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Config says which bucket to use and how. Only Bucket is required.
type Config struct {
	// Endpoint is the base URL of an S3-compatible server ("http://127.0.0.1:9000").
	// Empty means AWS.
	Endpoint string
	// Region defaults to the SDK's own chain, and to us-east-1 with an Endpoint.
	Region string
	Bucket string
	// AccessKeyID and SecretAccessKey, both or none. Without them the SDK's own
	// chain is asked: environment, shared files, web identity, instance role.
	AccessKeyID     string
	SecretAccessKey string
	// VirtualHost puts the bucket into the host name even with an Endpoint. By
	// default requests to an Endpoint use the path, which every server understands.
	VirtualHost bool
	// HTTPClient replaces the default client. It should not have a total timeout:
	// stalled transfers are noticed by StallTimeout.
	HTTPClient *http.Client

	// RangeSize is the size of one ranged read of a download and of one part of a
	// multipart upload, in bytes. Default 8 MiB; at least 64 KiB. Parts are never
	// smaller than the 5 MiB that S3 asks for.
	RangeSize int64
	// Parallel is the number of ranges or parts under way at once. Default 4.
	Parallel int
	// PageSize is the number of keys a List asks for at once. Default 1,000, which is
	// also the most that servers give.
	PageSize int
	// StallTimeout ends a request on which no byte moved for so long, so that it
	// is tried again. Default 30 s.
	StallTimeout time.Duration
	// Attempts is how often a range that brings no progress is tried. Default 8,
	// which takes some ten seconds.
	Attempts int
	// RetryWait is the pause before the second of these attempts; it doubles up to
	// 100 times that. Default 50 ms.
	RetryWait time.Duration
}

func (c Config) withDefaults() Config {
	if c.RangeSize == 0 {
		c.RangeSize = 8 << 20
	}
	c.RangeSize = max(c.RangeSize, 64<<10)
	if c.Parallel <= 0 {
		c.Parallel = 4
	}
	if c.PageSize <= 0 || c.PageSize > 1000 {
		c.PageSize = 1000
	}
	if c.StallTimeout <= 0 {
		c.StallTimeout = 30 * time.Second
	}
	if c.Attempts <= 0 {
		c.Attempts = 8
	}
	if c.RetryWait <= 0 {
		c.RetryWait = 50 * time.Millisecond
	}
	if c.Region == "" && c.Endpoint != "" {
		c.Region = "us-east-1"
	}
	return c
}

func (c Config) validate() error {
	if c.Bucket == "" {
		return errors.New("open object store: no bucket given")
	}
	if (c.AccessKeyID == "") != (c.SecretAccessKey == "") {
		return errors.New("open object store: give both the access key id and the secret, or neither")
	}
	return nil
}

// String names endpoint, region and bucket, and no credentials.
func (c Config) String() string {
	return fmt.Sprintf("s3://%s (endpoint %q, region %q)", c.Bucket, c.Endpoint, c.Region)
}

// GoString keeps credentials out of %#v.
func (c Config) GoString() string { return c.String() }

// LogValue keeps credentials out of logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Store is one bucket. It is safe for concurrent use and needs no closing.
type Store struct {
	cfg    Config
	client *s3.Client
}

// Open prepares access to the bucket. It reads configuration and asks for no
// network; [Store.Probe] and [Store.EnsureBucket] tell whether the server answers.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	base, err := loadAWS(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open object store: read the AWS configuration: %w", err)
	}
	if base.Region == "" {
		return nil, errors.New("open object store: no region given and none configured for the AWS SDK")
	}
	cfg.Region = base.Region
	client := s3.NewFromConfig(base, func(o *s3.Options) {
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
			o.UsePathStyle = !cfg.VirtualHost
		}
		// Since 2025 the SDK adds CRC trailers to every put and checks them on
		// every get. Many S3-compatible servers refuse the trailers
		// (aws-sdk-go-v2 issue 2960); signed payloads protect uploads and the
		// SHA-256 of the plan protects downloads.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	return &Store{cfg: cfg, client: client}, nil
}

// loadAWS builds the SDK configuration. With explicit keys nothing is read from
// the environment or the home directory, so that a stray profile cannot break it.
func loadAWS(ctx context.Context, cfg Config) (aws.Config, error) {
	retryer := func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 3
			o.MaxBackoff = 5 * time.Second
			// The default token bucket is shared by all requests of a client: after a
			// long outage it refuses retries of healthy ones.
			o.RateLimiter = ratelimit.None
		})
	}
	if cfg.AccessKeyID != "" && cfg.Region != "" {
		return aws.Config{
			Region:      cfg.Region,
			Credentials: credentials.NewStaticCredentialsProvider(cfg.AccessKeyID, cfg.SecretAccessKey, ""),
			HTTPClient:  httpClient(cfg, awshttp.NewBuildableClient()),
			Retryer:     retryer,
		}, nil
	}
	opts := []func(*config.LoadOptions) error{config.WithRetryer(retryer)}
	if cfg.Region != "" {
		opts = append(opts, config.WithRegion(cfg.Region))
	}
	if cfg.AccessKeyID != "" {
		opts = append(opts, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(cfg.AccessKeyID, cfg.SecretAccessKey, "")))
	}
	base, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return base, err
	}
	// Not by an option: with AWS_CA_BUNDLE set, the chain refuses clients that it
	// cannot give the certificates to.
	base.HTTPClient = httpClient(cfg, base.HTTPClient)
	return base, nil
}

// httpClient is the caller's, or the SDK's with room for parallel ranges. Neither
// has a total timeout, because a download may take an hour.
func httpClient(cfg Config, sdk aws.HTTPClient) aws.HTTPClient {
	if cfg.HTTPClient != nil {
		return cfg.HTTPClient
	}
	buildable, ok := sdk.(*awshttp.BuildableClient)
	if !ok {
		return sdk
	}
	return buildable.WithDialerOptions(func(d *net.Dialer) {
		d.Timeout = 10 * time.Second
	}).WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, 32)
		t.IdleConnTimeout = 60 * time.Second
		t.DisableCompression = true // bytes as stored, whatever their Content-Encoding
	})
}

// String is that of the configuration: no credentials.
func (s *Store) String() string { return s.cfg.String() }

// Bucket is the name of the bucket.
func (s *Store) Bucket() string { return s.cfg.Bucket }

// Config is the effective configuration, secrets included.
func (s *Store) Config() Config { return s.cfg }

// EnsureBucket creates the bucket unless it is there. Errors: ErrDenied when it
// belongs to somebody else, ErrUnavailable.
func (s *Store) EnsureBucket(ctx context.Context) error {
	ctx, cancel := s.short(ctx)
	defer cancel()
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.cfg.Bucket})
	if err == nil {
		return nil
	}
	if err = s.wrap(ctx, "find bucket", "", err); !errors.Is(err, ErrNotFound) {
		return err
	}
	in := &s3.CreateBucketInput{Bucket: &s.cfg.Bucket}
	if s.cfg.Region != "us-east-1" { // the one region that AWS wants unnamed
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(s.cfg.Region),
		}
	}
	_, err = s.client.CreateBucket(ctx, in)
	var mine *types.BucketAlreadyOwnedByYou
	if err == nil || errors.As(err, &mine) {
		return nil
	}
	var taken *types.BucketAlreadyExists
	if errors.As(err, &taken) {
		// Some servers say so to the owner too: whoever may look into it has it.
		if _, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.cfg.Bucket}); err == nil {
			return nil
		}
		return &Error{Op: "create bucket", Bucket: s.cfg.Bucket, Kind: ErrDenied, Code: "BucketAlreadyExists",
			Status: http.StatusConflict, Detail: "the name belongs to another account"}
	}
	return s.wrap(ctx, "create bucket", "", err)
}

// short bounds a request that moves no body: twice the stall timeout covers the
// SDK's three tries.
func (s *Store) short(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, 2*s.cfg.StallTimeout, errStalled)
}

// watch gives a context that ends with errStalled unless kick is called at least
// every StallTimeout. stop releases it.
func (s *Store) watch(ctx context.Context) (watched context.Context, kick, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(s.cfg.StallTimeout, func() { cancel(errStalled) })
	return watched, func() { timer.Reset(s.cfg.StallTimeout) }, func() { timer.Stop(); cancel(nil) }
}
