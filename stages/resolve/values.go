package resolve

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/ask_values.sql
	askValuesSQL string
	//go:embed sql/keep_values.sql
	keepValuesSQL string
)

// keepValues lets rows by id say values of their prospects under the keys that those
// have. It is for accounts that join by external ids alone, where every other key is
// made for the side of a row.
func keepValues(ctx context.Context, tx pgx.Tx, run *pipeline.Run) error {
	if run.Account.Settings.WithDefaults().MatchPolicy != schemas.MatchExternalID {
		return nil
	}
	ids, err := texts(ctx, run.Workset, "select distinct prospect_id from base_ids order by 1")
	if err != nil || len(ids) == 0 {
		return err
	}
	out := newSink(run, "own_values", baseKeys)
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists own_values"); err != nil {
		return err
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askValuesSQL, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("read identities", err)
		}
		if err := out.keys(ctx, rows); err != nil {
			return err
		}
	}
	if err := out.flush(ctx); err != nil {
		return err
	}
	return run.Workset.Exec(ctx, keepValuesSQL)
}
