package pipeline

import (
	"context"
	"log/slog"
	"time"

	"github.com/bateia/bateia/schemas"
)

// Stage is one step of the pipeline.
type Stage interface {
	// Name is one of the schemas.Stage… constants.
	Name() string
	// Run is called once per attempt, on one goroutine, with the workset as the
	// stages before left it. It returns when its tables are complete. Bad rows
	// are data, not errors. It waits for every goroutine it starts and honors
	// ctx. It may be called again for the same import by another attempt, on
	// another machine, at the same time: only apply writes what others see, and
	// apply is fenced.
	Run(ctx context.Context, run *Run) error
}

// Run is one attempt at one import.
type Run struct {
	ImportID schemas.ImportID
	Epoch    int64 // fencing epoch of the claim
	Account  schemas.Account
	Object   schemas.ObjectPin
	// FileName is the name people gave the file, e.g. leads.csv.
	FileName string
	Source   schemas.Source
	Request  schemas.Request
	// UndoOf is the import that this one takes back, 0 when it takes none back.
	UndoOf schemas.ImportID
	// RedoOf is the import that this one takes the place of: what it wrote is taken
	// back in the transaction that applies this one. 0 when there is none.
	RedoOf schemas.ImportID
	// ReplayOf is the import whose refused rows this one takes up, 0 when there is
	// none.
	ReplayOf schemas.ImportID

	// Dir is the attempt's own folder on local scratch. It is removed after the
	// attempt and never leaves the machine.
	Dir string
	// Path is the local copy of the object, set by fetch.
	Path    string
	Workset Workset
	// Facts is what the stages learn beside the tables. A stage adds to it.
	Facts schemas.Facts
	// BaseVersion is the account's base version that resolve read.
	BaseVersion int64

	Now time.Time // when the import was registered: the same in every attempt
	Log *slog.Logger
	// Progress is called by stages every few thousand rows, from one goroutine
	// at a time; it never blocks. It may be nil: use Report.
	Progress func(Progress)

	Times []schemas.StageTime // appended by Runner
}

// Progress is how far a stage is.
type Progress struct {
	Stage      string
	Rows       int64
	Bytes      int64
	TotalBytes int64 // 0 when unknown
	TotalRows  int64 // 0 when unknown
}

// Report hands progress on when somebody listens.
func (r *Run) Report(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

// Warn adds an issue on the file as a whole.
func (r *Run) Warn(issue schemas.FileIssue) {
	if issue.Severity == "" {
		issue.Severity = schemas.SeverityWarning
	}
	r.Facts.Issues = append(r.Facts.Issues, issue)
}
