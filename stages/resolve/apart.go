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

var (
	//go:embed sql/apart.sql
	apartSQL string
	//go:embed sql/bridges.sql
	bridgesSQL string
)

var baseApart = arrow.NewSchema([]arrow.Field{
	{Name: "a", Type: arrow.PrimitiveTypes.Int64}, {Name: "b", Type: arrow.PrimitiveTypes.Int64}}, nil)

// keepApart takes out the edges that would join prospects which people said are
// two: every group that stands between some of their component goes to the oldest
// that it touches.
func keepApart(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if some, err := bridges(ctx, run.Workset); err != nil || !some {
		return err
	}
	pairs, err := loadApart(ctx, tx, run)
	if err != nil || !pairs {
		return err
	}
	if err := closeBridges(ctx, run.Workset); err != nil {
		return err
	}
	return run.Workset.Exec(ctx, apartSQL)
}

// bridges reports whether a group touches several prospects.
func bridges(ctx context.Context, w pipeline.Workset) (some bool, err error) {
	_, err = w.Scan(ctx, "select exists (select 1 from edges where a < 0 group by b having count(*) > 1)", nil, &some)
	return some, err
}

// closeBridges writes to edges which prospects would become one, and keeps the
// edges in drawn.
func closeBridges(ctx context.Context, w pipeline.Workset) error {
	if err := w.Exec(ctx, bridgesSQL); err != nil {
		return err
	}
	return duck.CloseComponents(ctx, w)
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
