package main

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/bateia/bateia/cmd/internal/terminal"
	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
)

// Exit codes of the program; they are part of its public face.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefusedRows = 3 // done, but rows were rejected or in conflict
	exitRejected    = 4 // the file as a whole
	exitUnreachable = 5 // a service
	exitHeld        = 6 // at ready: a decision is needed
	exitInterrupted = 130
)

// exitHelp is the part of the help that explains them.
const exitHelp = `Exit codes: 0 done · 1 failed · 2 usage · 3 done, but rows were rejected or in conflict · ` +
	`4 file rejected · 5 a service cannot be reached · 6 held, a decision is needed · 130 interrupted.`

// exitError ends the program with a code. A nil Err means that everything was
// said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is a mistake in what was typed.
func usage(err error) error { return &exitError{exitUsage, err} }

// exit ends with a code and says nothing more; nil for 0.
func exit(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// exitCode says what a failure means for the shell.
func exitCode(ctx context.Context, err error) int {
	var own *exitError
	var network net.Error
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &own):
		return own.code
	case ctx.Err() != nil:
		return exitInterrupted
	case pipeline.KindOf(err) == pipeline.KindRejected:
		return exitRejected
	case errors.Is(err, objstore.ErrUnavailable), pipeline.KindOf(err) == pipeline.KindTransient,
		errors.As(err, &network) && !bareErrno(network) && !errors.Is(err, os.ErrDeadlineExceeded):
		return exitUnreachable
	}
	return exitFailed
}

// bareErrno reports whether an error is a number of the operating system by itself,
// as a file's is; that of a connection is inside of an error of its own.
func bareErrno(err net.Error) bool {
	_, bare := err.(syscall.Errno)
	return bare
}

// complain says what went wrong and what to do about it.
func complain(out terminal.Output, words terminal.Words, err error) {
	var own *exitError
	if errors.As(err, &own) && own.err == nil {
		return
	}
	if errors.Is(err, context.Canceled) {
		out.Notef("%s", words.Say("stopped_early"))
		return
	}
	out.Notef("bateia: %s", terminal.Plain(err.Error()))
	code := pipeline.CodeOf(err)
	_, known := schemas.CodeByName(code)
	if hint := pipeline.HintOf(err); hint != "" && !known {
		out.Notef("  %s", words.Say("remedy", "text", hint))
	}
	if known {
		issue, _ := parse.Refusal(err)
		out.Notef("  %s", schemas.Sentence(code, words.Locale, issue.Args()))
		out.Notef("  %s", words.Say("remedy", "text", schemas.Remedy(code, words.Locale, issue.Args())))
	}
	if errors.Is(err, postgres.ErrNotFound) {
		out.Notef("  %s", words.Say("see_imports"))
	}
}

// worst picks the code that says most about several imports: an interrupt, a
// failure, a refused file, a held one, refused rows.
func worst(a, b int) int {
	order := []int{exitInterrupted, exitUnreachable, exitFailed, exitUsage, exitRejected, exitHeld, exitRefusedRows, exitDone}
	for _, code := range order {
		if a == code || b == code {
			return code
		}
	}
	return exitFailed
}
