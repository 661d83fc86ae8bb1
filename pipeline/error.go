package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind says what a failure means for the work. jobs.Outcome alone turns a kind
// into retry, snooze or cancel.
type Kind string

// Kinds of errors.
const (
	// KindRejected: the file as a whole is refused. Code says why; the import
	// ends in state rejected, and trying again cannot help.
	KindRejected Kind = "rejected"
	// KindTransient: a service could not be reached or answered with a passing
	// failure. The work is tried again.
	KindTransient Kind = "transient"
	// KindBusy: another worker holds what is needed. The work snoozes, and that
	// counts as no attempt.
	KindBusy Kind = "busy"
	// KindFenced: the claim on the work was lost; whoever holds it now does the
	// work. The worker must neither write nor report success.
	KindFenced Kind = "fenced"
	// KindStale: the plan does not fit the program or its files are missing.
	// The import is planned again.
	KindStale Kind = "stale"
	// KindPermanent: it fails again however often it is tried.
	KindPermanent Kind = "permanent"
)

// Error is a failure of a stage or adapter, with what it means. Err must carry
// no value of a cell, no secret and no personal data: whoever wraps an error of
// an engine strips its details first.
type Error struct {
	Stage string // name of the stage, "" outside of one
	Op    string // bare verb and object: "read object", "copy prospects"
	Kind  Kind
	Code  string // a code of CONTRACT, "" when none fits
	Err   error
	Hint  string // what to do next, one sentence, "" when there is nothing to say
	// Wait is how long what is busy will be, 0 when nobody knows.
	Wait time.Duration
}

func (e *Error) Error() string {
	s := e.Op
	if e.Stage != "" {
		s = e.Stage + ": " + s
	}
	if e.Code != "" {
		s += ": " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Reject returns the error that refuses a file as a whole.
func Reject(code, op string) *Error {
	return &Error{Op: op, Kind: KindRejected, Code: code}
}

// KindOf returns what an error means: the kind of the first Error in its chain,
// transient for a context that ended, permanent for anything unknown.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Kind != "":
		return e.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return KindTransient
	}
	return KindPermanent
}

// CodeOf returns the code of the first Error in the chain that has one.
func CodeOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Code != "" {
			return e.Code
		}
		err = e.Err
	}
	return ""
}

// HintOf returns the hint of the first Error in the chain that has one.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// WaitOf returns the wait of the first Error in the chain that has one.
func WaitOf(err error) time.Duration {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return 0
		}
		if e.Wait > 0 {
			return e.Wait
		}
		err = e.Err
	}
	return 0
}

// inStage names the stage in an error that has none yet.
func inStage(stage string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		if e.Stage == "" {
			e.Stage = stage
		}
		return err
	}
	return fmt.Errorf("%s: %w", stage, err)
}
