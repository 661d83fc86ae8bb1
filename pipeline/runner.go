package pipeline

import (
	"context"
	"time"

	"github.com/bateia/bateia/schemas"
)

// Runner runs stages in order and measures them.
type Runner struct {
	// Started is called before a stage, Finished after it succeeded. Either may
	// be nil; an error of theirs ends the run.
	Started  func(ctx context.Context, run *Run, stage string) error
	Finished func(ctx context.Context, run *Run, t schemas.StageTime) error
	Clock    func() time.Time // time.Now when nil
}

// Run runs the stages one after the other and stops at the first error, which
// it returns with the stage's name in it.
func (r Runner) Run(ctx context.Context, run *Run, stages []Stage) error {
	clock := r.Clock
	if clock == nil {
		clock = time.Now
	}
	for _, s := range stages {
		if err := ctx.Err(); err != nil {
			return inStage(s.Name(), err)
		}
		if r.Started != nil {
			if err := r.Started(ctx, run, s.Name()); err != nil {
				return inStage(s.Name(), err)
			}
		}
		start := clock()
		if err := s.Run(ctx, run); err != nil {
			return inStage(s.Name(), err)
		}
		t := schemas.StageTime{
			Name: s.Name(), Seconds: clock().Sub(start).Seconds(),
			Rows: run.Facts.Records, Bytes: run.Facts.Bytes,
		}
		run.Times = append(run.Times, t)
		run.Log.InfoContext(ctx, "stage done", "import_id", run.ImportID.String(), "stage", t.Name,
			"seconds", t.Seconds, "rows", t.Rows)
		if r.Finished != nil {
			if err := r.Finished(ctx, run, t); err != nil {
				return inStage(s.Name(), err)
			}
		}
	}
	return nil
}
