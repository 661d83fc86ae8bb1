package parse

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Stage reads the local copy of the object into the table records and learns
// its dialect, header and counts.
type Stage struct{}

// Name implements pipeline.Stage.
func (Stage) Name() string { return schemas.StageParse }

// Run implements pipeline.Stage. It reads run.Path, unpacked in run.Dir when it
// is packed or a workbook, writes the table records and sets run.Facts: Dialect,
// Header, Records, Blank, Skipped and Bytes, which are those of the text. Why a
// file is refused, and what a workbook holds beside the sheet, are issues on the
// file.
func (Stage) Run(ctx context.Context, run *pipeline.Run) (err error) {
	f, err := os.Open(run.Path)
	if err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	defer f.Close() // read only: nothing can be lost
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat object: %w", err)
	}
	defer func() {
		if issue, ok := Refusal(err); ok {
			run.Warn(issue)
		}
	}()
	asked := run.Request.Mapping.Options
	src, err := Unpack(ctx, f, info.Size(), UnpackOptions{
		Name: run.FileName, Dir: run.Dir, MaxBytes: run.Account.Settings.WithDefaults().MaxFileSize, Sheet: asked.Sheet,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	for _, issue := range src.Issues {
		run.Warn(issue)
	}
	r, err := Open(src, src.Size, src.Options(OptionsOf(asked)))
	if err != nil {
		return err
	}
	batches := reporting(run, r, src.Size, r.Batches(ctx, memory.DefaultAllocator))
	rows, err := run.Workset.Write(ctx, schemas.TableRecords, schemas.Records, batches)
	if err != nil {
		return err
	}
	if rows != r.Records() {
		return fmt.Errorf("write records: %d of %d", rows, r.Records())
	}
	run.Facts.Dialect = r.Dialect()
	run.Facts.Header = r.Header()
	run.Facts.Records = r.Records()
	run.Facts.Blank = r.Blank()
	run.Facts.Skipped = r.Skipped()
	run.Facts.Bytes = r.BytesRead()
	return nil
}

// reporting hands batches on and says after each how far reading is.
func reporting(run *pipeline.Run, r *Reader, total int64, batches pipeline.Batches) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for batch, err := range batches {
			if !yield(batch, err) {
				return
			}
			run.Report(pipeline.Progress{
				Stage: schemas.StageParse, Rows: r.Records(), Bytes: r.BytesRead(), TotalBytes: total,
			})
		}
	}
}
