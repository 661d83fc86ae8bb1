package resolve

import (
	"context"
	_ "embed"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
)

//go:embed sql/apart.sql
var apartSQL string

var baseApart = arrow.NewSchema([]arrow.Field{
	{Name: "a", Type: arrow.PrimitiveTypes.Int64}, {Name: "b", Type: arrow.PrimitiveTypes.Int64}}, nil)

// keepApart takes out the edges that would join prospects which people said are
// two: every group that stands between some of their component goes to the oldest
// that it touches.
func keepApart(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	w := run.Workset
	var bridges bool
	_, err := w.Scan(ctx, "select exists (select 1 from edges where a < 0 group by b having count(*) > 1)", nil, &bridges)
	if err != nil || !bridges {
		return err
	}
	pairs, err := loadApart(ctx, tx, run)
	if err != nil || !pairs {
		return err
	}
	// Which prospects would become one is seen on a copy of the edges.
	if err := w.Exec(ctx, "create or replace temp table drawn as select * from edges"); err != nil {
		return err
	}
	if err := duck.CloseComponents(ctx, w); err != nil {
		return err
	}
	return w.Exec(ctx, apartSQL)
}

// loadApart writes base_apart: pairs among the prospects that a group touches
// together with another one.
func loadApart(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (some bool, err error) {
	nodes := map[string]int64{}
	var ids []string
	for b, err := range run.Workset.Read(ctx, `
select distinct n.prospect_id, n.node from edges e join base_nodes n on n.node = e.a
  semi join (select b from edges where a < 0 group by b having count(*) > 1) k on k.b = e.b order by 1`) {
		if err != nil {
			return false, err
		}
		for i := range int(b.NumRows()) {
			id := text(b, 0, i)
			ids = append(ids, id)
			nodes[id] = integer(b, 1, i)
		}
	}
	out := newSink(run, "base_apart", baseApart)
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists base_apart"); err != nil {
		return false, err
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askApartSQL, run.Account.ID, chunk)
		if err != nil {
			return false, pipeline.DatabaseError("read pairs that are apart", err)
		}
		var one, other string
		_, err = pgx.ForEachRow(rows, []any{&one, &other}, func() error {
			b, ok := nodes[other]
			if !ok || one == other {
				return nil
			}
			some = true
			out.b.Field(0).(*array.Int64Builder).Append(nodes[one])
			out.b.Field(1).(*array.Int64Builder).Append(b)
			return out.full(ctx)
		})
		if err != nil {
			return false, pipeline.DatabaseError("read pairs that are apart", err)
		}
	}
	return some, out.flush(ctx)
}
