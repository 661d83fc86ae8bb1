package app

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/parse"
	"github.com/bateia/bateia/stages/report"
)

//go:embed sql/plan_located.sql
var planLocatedSQL string

// Issues streams the issues of an import: of one that waits at ready from its
// plan, of any other one from Postgres; severity and code "" mean any. The
// sequence ends after its first error.
func (a *App) Issues(ctx context.Context, i postgres.Import, severity, code string) iter.Seq2[postgres.Issue, error] {
	if planned(i) {
		return a.PlanIssues(ctx, i.Account, i.ID, severity, code)
	}
	return a.DB.ReadIssues(ctx, i.Account, i.ID, severity, code)
}

// planned reports whether the import's rows stand in its plan and nowhere else.
func planned(i postgres.Import) bool {
	return i.PlanPrefix != "" && i.State != schemas.Applied && i.State != schemas.Undone
}

// Refused streams the rows of an import that became no lead, or would become
// none, with their issues. When cells is set they are those to correct: without the
// rows that a later import took, and with the cells as they stand in the file,
// unless it is gone.
func (a *App) Refused(ctx context.Context, i postgres.Import, cells bool) iter.Seq2[report.RefusedRow, error] {
	rows := report.WithIssues(a.located(ctx, i, !cells), rowIssues(a.Issues(ctx, i, "", "")))
	if !cells {
		return withoutCells(rows)
	}
	return a.readBack(ctx, i, rows, (*parse.Decoder).Cells)
}

// RawRow is a row as it stands in the file.
type RawRow struct {
	Row int64
	Raw string // "" when it cannot be had any more
}

// RawRows streams the rows of an import that it refused, or would refuse, in file
// order, as text without the line end. Skipped rows come without.
func (a *App) RawRows(ctx context.Context, i postgres.Import) iter.Seq2[RawRow, error] {
	text := func(d *parse.Decoder, record []byte) ([]string, error) { return []string{d.Text(record)}, nil }
	return func(yield func(RawRow, error) bool) {
		for r, err := range a.readBack(ctx, i, a.located(ctx, i, true), text) {
			row := RawRow{Row: r.Row}
			if len(r.Cells) > 0 {
				row.Raw = r.Cells[0]
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// RowsWithIssues streams the rows of an import that have an issue, or all of
// them, as Refused does. They stand in the plan only, which is kept for a time:
// ErrNoPlan when it is gone.
func (a *App) RowsWithIssues(ctx context.Context, i postgres.Import, all bool) iter.Seq2[report.RefusedRow, error] {
	which := "issues"
	if all {
		which = "all"
	}
	issues := rowIssues(a.PlanIssues(ctx, i.Account, i.ID, "", ""))
	return a.readBack(ctx, i, report.WithIssues(a.planLocated(ctx, i, which), issues), (*parse.Decoder).Cells)
}

func withoutCells(rows iter.Seq2[report.Located, error]) iter.Seq2[report.RefusedRow, error] {
	return func(yield func(report.RefusedRow, error) bool) {
		for r, err := range rows {
			if !yield(r.RefusedRow, err) || err != nil {
				return
			}
		}
	}
}

// readBack gives rows the cells that their object still has, as read makes them of
// a record.
func (a *App) readBack(ctx context.Context, i postgres.Import, rows iter.Seq2[report.Located, error],
	read func(d *parse.Decoder, record []byte) ([]string, error)) iter.Seq2[report.RefusedRow, error] {
	if i.Object.Key == "" {
		return withoutCells(rows)
	}
	return func(yield func(report.RefusedRow, error) bool) {
		text := objectText{app: a, of: i}
		defer text.close() // a folder that stays on scratch is found by purge
		_, err := a.Store.ReadRange(ctx, unpin(i.Object), 0, 1)
		if errors.Is(err, objstore.ErrNotFound) || errors.Is(err, objstore.ErrChanged) {
			withoutCells(rows)(yield)
			return
		}
		if err != nil {
			yield(report.RefusedRow{}, meaning("read object", err))
			return
		}
		decoder, err := parse.NewDecoder(i.Facts.Dialect, i.Facts.Header)
		if err != nil {
			yield(report.RefusedRow{}, fmt.Errorf("read refused rows: %w", err))
			return
		}
		report.ReadBack(ctx, rows, text.read, func(record []byte) ([]string, error) { return read(decoder, record) })(yield)
	}
}

// located streams the refused rows and where they lie in the object; all also
// those that a later import took.
func (a *App) located(ctx context.Context, i postgres.Import, all bool) iter.Seq2[report.Located, error] {
	if planned(i) {
		return a.planLocated(ctx, i, "refused")
	}
	return func(yield func(report.Located, error) bool) {
		for o, err := range a.DB.ReadOutcomes(ctx, i.Account, i.ID) {
			if o.Resolved && !all {
				continue // nothing is left to correct
			}
			row := report.Located{
				RefusedRow: report.RefusedRow{Row: o.Row, SheetRow: o.SheetRow, Status: o.Outcome, Reason: o.Reason, ProspectID: o.ProspectID},
				Offset:     o.ByteOffset, Length: o.ByteLength,
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// planLocated streams rows of a plan, see sql/plan_located.sql.
func (a *App) planLocated(ctx context.Context, i postgres.Import, which string) iter.Seq2[report.Located, error] {
	return func(yield func(report.Located, error) bool) {
		p, err := a.OpenPlan(ctx, i.Account, i.ID, "plan_rows", "rows", "issues")
		if err != nil {
			yield(report.Located{}, err)
			return
		}
		defer p.Close() // a folder that stays on scratch is found by purge
		for lo, hi := range p.chunks(1) {
			for b, err := range p.work.Read(ctx, planLocatedSQL, lo, hi, which) {
				if err != nil {
					yield(report.Located{}, err)
					return
				}
				for n := range int(b.NumRows()) {
					row := report.Located{
						RefusedRow: report.RefusedRow{Row: *integerAt(b, 0, n), SheetRow: *integerAt(b, 1, n),
							Status: schemas.Outcome(*textAt(b, 4, n)), Reason: *textAt(b, 5, n), ProspectID: *textAt(b, 6, n)},
						Offset: *integerAt(b, 2, n), Length: *integerAt(b, 3, n),
					}
					if !yield(row, nil) {
						return
					}
				}
			}
		}
	}
}

// rowIssues keeps the issues of rows; those on the file come first and have none.
func rowIssues(list iter.Seq2[postgres.Issue, error]) iter.Seq2[report.RowIssue, error] {
	return func(yield func(report.RowIssue, error) bool) {
		for i, err := range list {
			if err != nil {
				yield(report.RowIssue{}, err)
				return
			}
			if i.Row == nil {
				continue
			}
			issue := report.RowIssue{Row: *i.Row, Issue: report.Issue{Code: i.Code, Severity: i.Severity}}
			if i.Column != nil {
				issue.Column = *i.Column
			}
			if !yield(issue, nil) {
				return
			}
		}
	}
}
