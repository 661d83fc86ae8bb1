package objstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// What went wrong, for errors.Is. ErrUnavailable and ErrTruncated are worth a
// retry later; the others stay until something outside changes.
var (
	// ErrNotFound: no such object, version, upload or bucket.
	ErrNotFound = errors.New("not found")
	// ErrChanged: the key no longer holds the pinned object.
	ErrChanged = errors.New("object changed")
	// ErrExists: a put with IfNoneMatch found the key taken.
	ErrExists = errors.New("object exists already")
	// ErrTruncated: fewer bytes arrived than the object has, again and again.
	ErrTruncated = errors.New("transfer cut short")
	// ErrUnavailable: the server cannot be reached, is overloaded or stalled.
	ErrUnavailable = errors.New("object store unavailable")
	// ErrDenied: missing, wrong or insufficient credentials.
	ErrDenied = errors.New("access denied")
)

// errStalled cancels a transfer whose bytes stopped flowing.
var errStalled = errors.New("no byte moved within the stall timeout")

// Error is a failed operation on the store.
type Error struct {
	Op     string // verb and noun: "download object"
	Bucket string
	Key    string // empty for operations on the bucket
	Kind   error  // one of the sentinels, or nil for a request the server refused otherwise
	Status int    // HTTP status, 0 when there was no answer
	Code   string // the server's code: "NoSuchKey"
	Detail string // a sentence without secrets; may be empty
	cause  error  // context, network or file error; never an SDK error, whose text may quote requests
}

// Error gives the operation, the object and what is known about the failure.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(" s3://" + e.Bucket)
	if e.Key != "" {
		b.WriteString("/" + e.Key)
	}
	if e.Kind != nil {
		b.WriteString(": " + e.Kind.Error())
	}
	switch {
	case e.Code != "":
		fmt.Fprintf(&b, ": %s (status %d)", e.Code, e.Status)
	case e.Status != 0:
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Unwrap gives the sentinel and, for local and network failures, the cause.
func (e *Error) Unwrap() []error {
	var out []error
	if e.Kind != nil {
		out = append(out, e.Kind)
	}
	if e.cause != nil {
		out = append(out, e.cause)
	}
	return out
}

// wrap turns any error of the SDK, the network or the file system into an *Error.
// An *Error stays what it is.
func (s *Store) wrap(ctx context.Context, op, key string, err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	e := &Error{Op: op, Bucket: s.cfg.Bucket, Key: key}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		e.Status = answer.HTTPStatusCode()
	}
	var api smithy.APIError
	switch {
	case errors.Is(context.Cause(ctx), errStalled), errors.Is(err, errStalled):
		e.Kind, e.Detail = ErrUnavailable, errStalled.Error()
	case ctx.Err() != nil:
		e.cause, e.Detail = ctx.Err(), ctx.Err().Error()
	case errors.As(err, &api):
		e.Code, e.Detail = api.ErrorCode(), s.scrub(api.ErrorMessage())
		e.Kind = kindOf(e.Status, e.Code)
	case e.Status != 0 && e.Status >= 300:
		e.Kind = kindOf(e.Status, "")
	default:
		s.classifyLocal(e, err)
	}
	return e
}

// kindOf maps the server's answer to a sentinel; nil when none fits.
func kindOf(status int, code string) error {
	switch code {
	case "NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NoSuchUpload", "NotFound":
		return ErrNotFound
	case "PreconditionFailed":
		return ErrChanged
	case "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "ConditionalRequestConflict", "OperationAborted":
		return ErrUnavailable
	}
	switch {
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusPreconditionFailed:
		return ErrChanged
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrDenied
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return ErrUnavailable
	case status >= 500 && status != http.StatusNotImplemented:
		return ErrUnavailable
	}
	return nil
}

// classifyLocal handles failures without an answer of the server.
func (s *Store) classifyLocal(e *Error, err error) {
	var (
		files   *fs.PathError
		link    *url.Error
		network net.Error
		garbled *smithy.DeserializationError
	)
	switch {
	case errors.As(err, &files):
		e.cause, e.Detail = files, files.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Kind, e.cause = ErrTruncated, io.ErrUnexpectedEOF
	case errors.As(err, &link): // its own text holds the whole URL
		e.Kind, e.cause, e.Detail = ErrUnavailable, link.Err, s.scrub(link.Err.Error())
	case errors.As(err, &network):
		e.Kind, e.cause, e.Detail = ErrUnavailable, network, s.scrub(network.Error())
	case strings.Contains(err.Error(), "get identity"), strings.Contains(err.Error(), "retrieve credentials"):
		e.Kind, e.Detail = ErrDenied, "no credentials found"
	case errors.As(err, &garbled):
		e.Kind, e.Detail = ErrTruncated, "the answer cannot be read"
	default:
		e.cause, e.Detail = err, s.scrub(err.Error())
	}
}

// scrub shortens a sentence that came from outside and takes credentials out.
func (s *Store) scrub(text string) string {
	for _, secret := range []string{s.cfg.SecretAccessKey, s.cfg.AccessKeyID} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if i := strings.Index(text, "?"); i >= 0 { // whatever follows may be a signed query
		text = text[:i]
	}
	const limit = 300
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text))
}

// retryable tells whether the same request may succeed a moment later.
func retryable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrTruncated)
}

// unquote takes the quotes off an ETag header; a weak one stays as it is.
func unquote(etag *string) string {
	value := aws.ToString(etag)
	if strings.HasPrefix(value, "W/") {
		return value
	}
	return strings.Trim(value, `"`)
}

// quote makes an If-Match value of an Object's ETag.
func quote(etag string) *string {
	if strings.HasPrefix(etag, "W/") {
		return aws.String(etag)
	}
	return aws.String(`"` + etag + `"`)
}
