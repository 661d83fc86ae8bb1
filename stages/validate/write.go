package validate

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// writer collects tables until they are worth a write.
type writer struct {
	run    *pipeline.Run
	schema *arrow.Schema // of rows
	held   []tables
	rows   int64
	done   int64
}

// writeAll writes what the workers made of the units, in their order.
func writeAll(ctx context.Context, run *pipeline.Run, v *Validator, order <-chan *unit, chunk int64) error {
	w := &writer{run: run, schema: schemas.Rows(v.Fields())}
	defer w.release()
	for u := range order {
		select {
		case t := <-u.done:
			w.held = append(w.held, t)
			w.rows += t.rows.NumRows()
		case <-ctx.Done():
			return ctx.Err()
		}
		if w.rows >= chunk {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Also without any row: the tables must exist.
	return w.flush(ctx)
}

// flush writes what is held and says how far that is.
func (w *writer) flush(ctx context.Context) error {
	if err := w.write(ctx); err != nil {
		return err
	}
	w.run.Report(pipeline.Progress{Stage: schemas.StageValidate, Rows: w.done, TotalRows: w.run.Facts.Records})
	return nil
}

// write adds what is held to the three tables.
func (w *writer) write(ctx context.Context) error {
	for _, table := range []struct {
		name   string
		schema *arrow.Schema
		batch  func(tables) arrow.RecordBatch
	}{
		{schemas.TableRows, w.schema, func(t tables) arrow.RecordBatch { return t.rows }},
		{schemas.TableIdentities, schemas.Identities, func(t tables) arrow.RecordBatch { return t.identities }},
		{schemas.TableIssues, schemas.Issues, func(t tables) arrow.RecordBatch { return t.issues }},
	} {
		batches := func(yield func(arrow.RecordBatch, error) bool) {
			for _, t := range w.held {
				if b := table.batch(t); b.NumRows() > 0 && !yield(b, nil) {
					return
				}
			}
		}
		if _, err := w.run.Workset.Write(ctx, table.name, table.schema, batches); err != nil {
			return err
		}
	}
	w.done += w.rows
	w.release()
	return nil
}

func (w *writer) release() {
	for _, t := range w.held {
		t.release()
	}
	w.held, w.rows = w.held[:0], 0
}

// report adds to the facts what was learnt, and the issues on the file as a
// whole.
func report(run *pipeline.Run, v *Validator, stats Stats) error {
	f := &run.Facts
	f.Columns, f.Fields, f.HasExtra = v.Columns(), v.Fields(), v.HasExtra()
	for i := range f.Columns {
		f.Columns[i].Filled, f.Columns[i].Valid = stats.Filled[i], stats.Valid[i]
	}
	issues, err := FileIssues(f.Columns, stats, v.cfg)
	for _, issue := range slices.Concat(v.warnings, issues) {
		run.Warn(issue)
	}
	return err
}

// FileIssues returns what is odd about a file as a whole once all its records
// were read. Mixed phone formats refuse it when the options ask for strict
// formats; then err is a *pipeline.Error of kind rejected.
func FileIssues(columns []schemas.Column, stats Stats, cfg Config) (issues []schemas.FileIssue, err error) {
	var lost []string
	for _, c := range columns {
		if c.Imported || c.Filled == 0 || c.Reason == reasonIgnored || c.Reason == reasonOwn {
			continue
		}
		name := c.Name
		if schemas.FoldHeader(name) == "" {
			name = columnNumber(c.Position)
		}
		lost = append(lost, name)
	}
	if len(lost) > 0 {
		issues = append(issues, schemas.FileIssue{
			Code: "COLUMNS_NOT_IMPORTED", Severity: schemas.SeverityWarning, Count: int64(len(lost)), Names: slices.Clone(cutNames(lost)),
		})
	}
	if missing, ok := missingAreas(columns, stats); ok {
		issues = append(issues, missing)
	}
	if stats.National > 0 && !cfg.Local {
		issues = append(issues, schemas.FileIssue{
			Code: "PHONE_COUNTRY_ASSUMED", Severity: schemas.SeverityWarning, Count: stats.National, Detail: cfg.Country,
		})
	}
	if stats.National > 0 && stats.International > 0 {
		mixed := schemas.FileIssue{Code: "MIXED_PHONE_FORMATS", Severity: schemas.SeverityWarning, Count: stats.National}
		if cfg.Options.StrictFormats {
			mixed.Severity = schemas.SeverityError
			err = pipeline.Reject(mixed.Code, "check phones")
		}
		issues = append(issues, mixed)
	}
	return issues, err
}
