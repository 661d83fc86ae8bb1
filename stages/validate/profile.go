package validate

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// Finding is what was found out about one column, for people who decide about
// its mapping.
type Finding struct {
	Profile
	Proposed string            // field that it may feed, left to the user; "" for none
	Suggests schemas.FieldType // type of all cells of a column that becomes an extra field: number, date, boolean, else text
	Evidence *Evidence         // of dates and numbers, nil for other columns
}

// find hands on what was found. types is nil when the plan cannot be used.
func (s Stage) find(plan Plan, content Content, types []cellType) {
	if s.Findings == nil {
		return
	}
	out := make([]Finding, len(plan.Columns))
	for i, c := range plan.Columns {
		out[i] = Finding{Profile: content.column(i), Proposed: c.Proposed, Suggests: schemas.TypeText}
		if _, extra := schemas.IsExtra(c.Field); extra && c.Reason != reasonMapping {
			out[i].Suggests = out[i].typeOfContent()
		}
		if types != nil && (c.Type == schemas.TypeDate || c.Type == schemas.TypeNumber) && c.Format == "" {
			out[i].Evidence = &types[i].evidence
		}
	}
	s.Findings(out)
}

// profile looks at rows from the beginning, the middle and the end of the file:
// lists are sorted, and what holds above need not hold below.
func profile(ctx context.Context, run *pipeline.Run, ranges []span) (Content, error) {
	p, marked := NewProfiler(len(run.Facts.Header), run.Account.Country), schemas.Marked(run.Facts.Header)
	for _, part := range profileSpans(ranges, run.Facts.Records, contentRows(len(run.Facts.Header))) {
		for b, err := range run.Workset.Read(ctx, profileSQL, part.from, part.to) {
			if err != nil {
				return nil, err
			}
			lists := b.Column(0).(*array.List)
			texts := lists.ListValues().(*array.String)
			for i := range int(b.NumRows()) {
				lo, hi := lists.ValueOffsets(i)
				p.Add(Cells{column: texts, lo: int(lo), n: int(hi - lo), marked: marked})
			}
		}
	}
	return p.Content(), nil
}

// profileSpans returns up to three ranges of n rows in all. The ranges end at
// whole blocks, of which the file may fill little: records says how much.
func profileSpans(ranges []span, records, n int64) []span {
	if len(ranges) == 0 {
		return nil
	}
	from, to := ranges[0].from, ranges[len(ranges)-1].to
	if records > 0 {
		to = min(to, records+1)
	}
	if to-from <= n {
		return []span{{from, to}}
	}
	third := max(n/3, 1)
	middle := from + (to-from)/2 - third/2
	return []span{{from, from + third}, {middle, middle + third}, {to - third, to}}
}
