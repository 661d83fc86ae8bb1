package apply

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/identity"
)

//go:embed sql/share_replaced.sql
var shareReplacedSQL string

// replaceable are the kinds of which an edit by id puts a value in the place of the one
// before.
var replaceable = []identity.Kind{identity.Phone, identity.Email, identity.Document}

// writeReplaced lets the values that edits by id replaced join only together with the
// same name from here on: a number that was somebody's leads others to nobody. As any
// shared value they are listed and reversible, and end with the import.
func (w *writer) writeReplaced(ctx context.Context) error {
	var some bool
	if _, err := w.run.Workset.Scan(ctx, "select exists (select 1 from rows where bateia_id is not null and status = '')", nil, &some); err != nil || !some {
		return err
	}
	for _, kind := range replaceable {
		if !slices.ContainsFunc(w.fields, func(f schemas.Field) bool { return f.Kind == kind }) {
			continue
		}
		for b, err := range w.run.Workset.Read(ctx, replaced(kind)) {
			if err != nil {
				return err
			}
			keys, halves := make([][16]byte, b.NumRows()), make([]int64, b.NumRows())
			for i := range keys {
				keys[i] = identity.Key(kind, b.Column(0).(*array.String).Value(i))
				halves[i] = int64(binary.BigEndian.Uint64(keys[i][:8]))
			}
			if _, err := w.tx.Exec(ctx, shareReplacedSQL, w.run.Account.ID, keys, halves, int16(kind), int64(w.run.ImportID), w.run.Now); err != nil {
				return pipeline.DatabaseError("write shared values", err)
			}
		}
	}
	return nil
}

// replaced asks for the values of a kind that were the best ones of prospects before a
// row by id gave another, and does not say them too, as a second phone.
func replaced(kind identity.Kind) string {
	return fmt.Sprintf(`
select distinct c.old
  from plan_changes c join plan_updates p using (prospect_id) join members m on m.target = p.target join rows r on r.row = m.row
  anti join identities i on i.row = r.row and i.value = c.old
 where c.field = '%s' and c.old is not null and r.bateia_id is not null and r.%s = c.new
 order by c.old`, kind, schemas.FieldColumn(kind.String()))
}
