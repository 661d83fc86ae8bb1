package app

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages"
)

//go:embed sql/plan_issues.sql
var planIssuesSQL string

//go:embed sql/plan_rows.sql
var planRowsSQL string

//go:embed sql/plan_fields.sql
var planFieldsSQL string

// planChunk is how many rows of a plan are read at once: the engine holds a
// whole result in memory.
const planChunk = 50_000

// PlanRow is what a plan does with one row.
type PlanRow struct {
	Row        int64           `json:"row"`
	Line       int64           `json:"line"`
	SheetRow   int64           `json:"sheet_row"`
	SourceRef  *string         `json:"source_ref"` // what the source calls the row, null for a file
	Outcome    schemas.Outcome `json:"outcome"`
	ReasonCode *string         `json:"reason_code"`
	Action     *schemas.Action `json:"action"` // null for a row that becomes no lead
	ProspectID *string         `json:"prospect_id"`
	FirstRow   *int64          `json:"first_row"` // of a duplicate: the row that speaks for the prospect
	Changes    []PlanChange    `json:"changes"`
	// Also names what the prospect gains beside fields: identities, lists, tags.
	Also []string `json:"also"`
}

// PlanChange is one field that a plan changes.
type PlanChange struct {
	Field string  `json:"field"`
	Old   *string `json:"old"`
	New   *string `json:"new"`
}

// FieldCount is how many existing prospects a plan changes one field of.
type FieldCount struct {
	Field     string `json:"field"`
	Prospects int64  `json:"prospects"`
}

// ErrNoPlan: the import has no plan that can be read.
var ErrNoPlan = errors.New("the import has no plan")

// Plan is the stored plan of an import, opened for reading.
type Plan struct {
	Facts schemas.Facts
	run   *pipeline.Run
	work  *duck.Workset
}

// OpenPlan brings tables of an import's plan to this machine. Close must be
// called.
func (a *App) OpenPlan(ctx context.Context, account int32, id schemas.ImportID, tables ...string) (_ *Plan, err error) {
	run, row, err := a.DB.LoadRun(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if row.PlanPrefix == "" {
		return nil, fmt.Errorf("open plan of import %s: %w", id, ErrNoPlan)
	}
	if run.Dir, err = a.Scratch(id, "read"); err != nil {
		return nil, err
	}
	p := &Plan{run: run}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	run.Log = slog.New(slog.DiscardHandler)
	if p.work, err = duck.Open(ctx, run.Dir, duck.Options{}); err != nil {
		return nil, err
	}
	run.Workset = p.work
	err = stages.LoadPlanTables(ctx, Files{a.Store}, run, row.PlanPrefix, row.PlanSHA256, tables...)
	if pipeline.KindOf(err) == pipeline.KindStale {
		return nil, fmt.Errorf("open plan of import %s: %w: %w", id, ErrNoPlan, err)
	}
	p.Facts = run.Facts
	return p, err
}

// Close removes the local copy.
func (p *Plan) Close() error {
	var err error
	if p.work != nil {
		err = p.work.Close()
	}
	return errors.Join(err, os.RemoveAll(p.run.Dir))
}

// PlanIssues streams the issues of an import's plan; severity and code "" mean
// any. The sequence ends after its first error.
func (a *App) PlanIssues(ctx context.Context, account int32, id schemas.ImportID, severity, code string) iter.Seq2[postgres.Issue, error] {
	return func(yield func(postgres.Issue, error) bool) {
		p, err := a.OpenPlan(ctx, account, id, "issues", "rows")
		if err != nil {
			yield(postgres.Issue{}, err)
			return
		}
		defer p.Close() // a folder that stays on scratch is found by purge
		for lo, hi := range p.chunks(-1) {
			for b, err := range p.work.Read(ctx, planIssuesSQL, severity, code, lo, hi) {
				if err != nil {
					yield(postgres.Issue{}, err)
					return
				}
				for i := range int(b.NumRows()) {
					if !yield(issueOf(b, i), nil) {
						return
					}
				}
			}
		}
	}
}

func issueOf(b arrow.RecordBatch, i int) postgres.Issue {
	return postgres.Issue{
		Row: integerAt(b, 0, i), Line: integerAt(b, 1, i), SheetRow: integerAt(b, 2, i), ByteOffset: integerAt(b, 3, i),
		SourceRef: textAt(b, 4, i), Column: textAt(b, 5, i), Field: textAt(b, 6, i),
		Severity: schemas.Severity(*textAt(b, 7, i)), Code: *textAt(b, 8, i), Value: textAt(b, 9, i), Shape: textAt(b, 10, i),
	}
}

// chunks yields ranges of rows, the first one from first on.
func (p *Plan) chunks(first int64) iter.Seq2[int64, int64] {
	return func(yield func(int64, int64) bool) {
		for lo := first; lo <= p.Facts.MaxRow(); lo += planChunk {
			if !yield(lo, lo+planChunk) {
				return
			}
		}
	}
}

// PlanRowTables are the tables that Rows and Fields read.
var PlanRowTables = []string{"rows", "plan_rows", "plan_prospects", "plan_changes"}

// Rows streams what the plan does with every row, in file order. The sequence
// ends after its first error.
func (p *Plan) Rows(ctx context.Context) iter.Seq2[PlanRow, error] {
	var values []string
	for _, f := range schemas.ProspectColumns() {
		col := "t." + schemas.FieldColumn(f.Name)
		values = append(values, fmt.Sprintf("case when %s is not null then json_object('field', '%s', 'old', null, 'new', %s) end", col, f.Name, col))
	}
	values = append(values, "case when t.extra is not null then json_object('field', 'extra', 'old', null, 'new', t.extra) end")
	_, query, _ := strings.Cut(planRowsSQL, "\nwith ") // the header names the place too
	query = strings.Replace("with "+query, "/*fields*/", strings.Join(values, ", "), 1)
	return func(yield func(PlanRow, error) bool) {
		for lo, hi := range p.chunks(1) {
			for b, err := range p.work.Read(ctx, query, lo, hi) {
				if err != nil {
					yield(PlanRow{}, err)
					return
				}
				for i := range int(b.NumRows()) {
					r, err := planRowOf(b, i)
					if !yield(r, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

func planRowOf(b arrow.RecordBatch, i int) (PlanRow, error) {
	r := PlanRow{Row: *integerAt(b, 0, i), Line: *integerAt(b, 1, i), SheetRow: *integerAt(b, 2, i),
		Outcome: schemas.Outcome(*textAt(b, 3, i)), ReasonCode: filled(textAt(b, 4, i)), ProspectID: filled(textAt(b, 5, i)), SourceRef: filled(textAt(b, 10, i)),
		Changes: []PlanChange{}, Also: []string{}}
	if n := *integerAt(b, 6, i); n != 0 {
		r.FirstRow = &n
	}
	if action := filled(textAt(b, 7, i)); action != nil {
		r.Action = (*schemas.Action)(action)
	}
	if text := textAt(b, 8, i); text != nil {
		var changes []*PlanChange
		if err := json.Unmarshal([]byte(*text), &changes); err != nil {
			return r, errors.New("read plan: changes are not valid JSON")
		}
		for _, c := range changes {
			if c != nil {
				r.Changes = append(r.Changes, *c)
			}
		}
	}
	if text := textAt(b, 9, i); text != nil && *text != "null" {
		if err := json.Unmarshal([]byte(*text), &r.Also); err != nil {
			return r, errors.New("read plan: changes are not valid JSON")
		}
	}
	return r, nil
}

// Fields counts the existing prospects that the plan changes, by field.
func (p *Plan) Fields(ctx context.Context) ([]FieldCount, error) {
	out := []FieldCount{}
	for b, err := range p.work.Read(ctx, planFieldsSQL) {
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			out = append(out, FieldCount{*textAt(b, 0, i), *integerAt(b, 1, i)})
		}
	}
	return out, nil
}

// textAt copies a cell of text: batches are released when the next one comes.
func textAt(b arrow.RecordBatch, column, row int) *string {
	c := b.Column(column).(*array.String)
	if c.IsNull(row) {
		return nil
	}
	v := strings.Clone(c.Value(row))
	return &v
}

func integerAt(b arrow.RecordBatch, column, row int) *int64 {
	c := b.Column(column).(*array.Int64)
	if c.IsNull(row) {
		return nil
	}
	v := c.Value(row)
	return &v
}

// filled makes an empty text null.
func filled(v *string) *string {
	if v == nil || *v == "" {
		return nil
	}
	return v
}
