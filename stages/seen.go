package stages

import (
	"context"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/sync"
)

// SeenRecords are the records that a sync loads, from the workset of its plan.
func SeenRecords(ctx context.Context, run *pipeline.Run) ([]schemas.SeenRecord, error) {
	document := "null::varchar"
	if slices.Contains(run.Facts.Fields, "document") {
		document = schemas.FieldColumn("document")
	}
	inactive := map[int64]bool{}
	if run.Facts.Sync != nil {
		for _, id := range run.Facts.Sync.Inactive {
			inactive[id] = true
		}
	}
	var out []schemas.SeenRecord
	for b, err := range run.Workset.Read(ctx, "select source_ref, "+document+" from rows where status = '' and source_ref is not null order by row") {
		if err != nil {
			return nil, err
		}
		refs, documents := b.Column(0).(*array.String), b.Column(1).(*array.String)
		for i := range int(b.NumRows()) {
			id, err := strconv.ParseInt(refs.Value(i), 10, 64)
			if err != nil {
				continue // not a number: no record of Omie's
			}
			r := schemas.SeenRecord{ID: id, Inactive: inactive[id]}
			if !documents.IsNull(i) {
				r.DocumentHash = sync.DocumentHash(documents.Value(i))
			}
			out = append(out, r)
		}
	}
	return out, nil
}
