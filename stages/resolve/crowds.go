package resolve

import (
	"context"
	_ "embed"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

var (
	//go:embed sql/crowds.sql
	crowdsSQL string
	//go:embed sql/ask_sizes.sql
	askSizesSQL string
	//go:embed sql/crowded.sql
	crowdedSQL string
	//go:embed sql/uncrowd.sql
	uncrowdSQL string
)

var baseSizes = arrow.NewSchema([]arrow.Field{
	{Name: "prospect_id", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// crowds takes out edges that would give a prospect more than max_component joining
// values: dedupe sees those of one file, but a prospect grows over many.
func crowds(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (some bool, err error) {
	w := run.Workset
	if _, err := w.Scan(ctx, "select exists (select 1 from edges)", nil, &some); err != nil || !some {
		return false, err
	}
	if err := closeBridges(ctx, w); err != nil {
		return false, err
	}
	if err := w.Exec(ctx, crowdsSQL); err != nil {
		return false, err
	}
	ids, err := texts(ctx, w, `
select distinct n.prospect_id from places semi join crowds using (root) join base_nodes n using (node) order by 1`)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	if err := loadSizes(ctx, tx, run, ids); err != nil {
		return false, err
	}
	for _, script := range []string{crowdedSQL, uncrowdSQL} {
		if err := w.Exec(ctx, script); err != nil {
			return false, err
		}
		if some, err := dispute(ctx, tx, run); err != nil || some {
			return some, err
		}
	}
	return false, nil
}

// loadSizes writes base_sizes: how many joining values prospects own, without those
// that own none.
func loadSizes(ctx context.Context, tx pgx.Tx, run *pipeline.Run, ids []string) error {
	out := newSink(run, "base_sizes", baseSizes)
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists base_sizes"); err != nil {
		return err
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askSizesSQL, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("count identities", err)
		}
		var id string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
			out.text(0, id)
			out.b.Field(1).(*array.Int64Builder).Append(n)
			return out.full(ctx)
		})
		if err != nil {
			return pipeline.DatabaseError("count identities", err)
		}
	}
	return out.flush(ctx)
}
