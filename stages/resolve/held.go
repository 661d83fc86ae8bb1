package resolve

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

// baseHeld is the workset's table of what prospects hold that the import may merge.
// What of it flows into a survivor no other table of the plan says.
var baseHeld = arrow.NewSchema([]arrow.Field{
	{Name: "prospect_id", Type: arrow.BinaryTypes.String}, {Name: "held", Type: arrow.BinaryTypes.String}}, nil)

// loadHeld writes base_held. The hash is of the database, so that a plan which another
// version of the engine made can be compared.
func loadHeld(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	out := newSink(run, "base_held", baseHeld)
	defer out.close()
	ids, err := merging(ctx, run)
	if err != nil {
		return err
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askHeldSQL, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("read what prospects hold", err)
		}
		var id, held string
		_, err = pgx.ForEachRow(rows, []any{&id, &held}, func() error {
			out.text(0, id)
			out.text(1, held)
			return out.full(ctx)
		})
		if err != nil {
			return pipeline.DatabaseError("read what prospects hold", err)
		}
	}
	return out.flush(ctx)
}
