package objstoretest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// Fault is what happens to one request. The zero value lets it pass.
type Fault struct {
	// Before runs ahead of the request: to change the object behind a reader's back.
	Before func()
	// Err fails the request without sending it.
	Err error
	// Status answers with this status and an S3 error document instead of sending.
	Status int
	// Code of that document; default InternalError.
	Code string
	// Cut ends the body of the answer after CutAfter bytes, as a lost connection does.
	Cut      bool
	CutAfter int64
	// Quietly makes the cut look like an orderly end: fewer bytes, no error.
	Quietly bool
	// Stall lets the body stop after CutAfter bytes until the request is given up.
	Stall bool
	// Header replaces headers of the answer; an empty value removes one.
	Header map[string]string
	// Slow delivers the body in reads of at most so many bytes.
	Slow int
}

// Faults is an http.RoundTripper that breaks answers. Rule is asked for every
// request; n counts the requests from 1. Both may be used concurrently.
type Faults struct {
	Next http.RoundTripper
	Rule func(n int, req *http.Request) Fault

	count atomic.Int64
}

// Requests is the number of requests so far.
func (f *Faults) Requests() int { return int(f.count.Load()) }

// RoundTrip implements http.RoundTripper.
func (f *Faults) RoundTrip(req *http.Request) (*http.Response, error) {
	fault := f.Rule(int(f.count.Add(1)), req)
	if fault.Before != nil {
		fault.Before()
	}
	switch {
	case fault.Err != nil:
		closeBody(req)
		return nil, fault.Err
	case fault.Status != 0:
		closeBody(req)
		return refusal(req, fault), nil
	}
	res, err := f.Next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	for name, value := range fault.Header {
		if value == "" {
			res.Header.Del(name)
		} else {
			res.Header.Set(name, value)
		}
	}
	if fault.Cut || fault.Stall || fault.Slow > 0 {
		left := int64(-1)
		if fault.Cut || fault.Stall {
			left = fault.CutAfter
		}
		res.Body = &brokenBody{ReadCloser: res.Body, req: req, fault: fault, left: left}
	}
	return res, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

func refusal(req *http.Request, fault Fault) *http.Response {
	code := fault.Code
	if code == "" {
		code = "InternalError"
	}
	body := fmt.Appendf(nil, `<?xml version="1.0"?><Error><Code>%s</Code><Message>planted</Message></Error>`, code)
	if req.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status: http.StatusText(fault.Status), StatusCode: fault.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/xml"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}
}

// brokenBody delivers left bytes (all when negative) and then breaks.
type brokenBody struct {
	io.ReadCloser
	req   *http.Request
	fault Fault
	mu    sync.Mutex
	left  int64
}

func (b *brokenBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		switch {
		case b.fault.Stall:
			<-b.req.Context().Done()
			return 0, b.req.Context().Err()
		case b.fault.Quietly:
			return 0, io.EOF
		}
		return 0, io.ErrUnexpectedEOF
	}
	if b.left > 0 && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	if b.fault.Slow > 0 && len(p) > b.fault.Slow {
		p = p[:b.fault.Slow]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
	}
	return n, err
}
