package localpg

import (
	"errors"
	"fmt"

	"github.com/bateia/bateia/pipeline"
)

// What can be told apart with errors.Is. They come wrapped in a
// *pipeline.Error whose hint says what to do.
var (
	// ErrNotFound: the machine has no Postgres of MinMajor or newer that the
	// server's user can run.
	ErrNotFound = errors.New("no usable Postgres found")
	// ErrInUse: a living process runs a server on this data directory.
	ErrInUse = errors.New("data directory is in use")
	// ErrNotRunning: no server runs on this data directory.
	ErrNotRunning = errors.New("server is not running")
	// ErrVersion: the cluster was made by another major version, and no
	// binaries of that version were found.
	ErrVersion = errors.New("no binaries of the cluster's version")
	// ErrForeign: the directory holds something that is not a cluster of this
	// package, or a cluster whose user cannot reach it any more.
	ErrForeign = errors.New("not a usable data directory")
)

// inUse is the answer to a second owner.
func inUse(dir string) error {
	return &pipeline.Error{
		Op:   "start postgres",
		Kind: pipeline.KindBusy,
		Err:  fmt.Errorf("%w: %s", ErrInUse, dir),
		Hint: "another process runs on this data directory; stop it, or choose another directory",
	}
}

// broken is a failure of the server itself; tail is the end of its log.
func broken(op string, err error, tail string) error {
	if tail != "" {
		err = fmt.Errorf("%w; its log ends with:\n%s", err, tail)
	}
	return &pipeline.Error{Op: op, Kind: pipeline.KindTransient, Err: err}
}

func foreign(dir, why, hint string) error {
	return &pipeline.Error{
		Op:   "open data directory",
		Kind: pipeline.KindPermanent,
		Err:  fmt.Errorf("%w: %s: %s", ErrForeign, dir, why),
		Hint: hint,
	}
}
