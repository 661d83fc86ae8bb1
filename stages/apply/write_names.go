package apply

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/bateia/bateia/pipeline"
)

// writeNames adds to identities the names that they were not seen with before.
func (w *writer) writeNames(ctx context.Context) (int64, error) {
	var some bool
	if _, err := w.run.Workset.Scan(ctx, "select exists (select 1 from plan_names)", nil, &some); err != nil || !some {
		return 0, err
	}
	_, err := w.tx.Exec(ctx, "create temporary table named (key uuid primary key, name_hashes bigint[] not null, other_names bigint[] not null) on commit drop")
	if err != nil {
		return 0, pipeline.DatabaseError("make table of names", err)
	}
	_, err = copyInto(ctx, w.tx, "named", []column{uuidColumn("key"), int8sColumn("name_hashes"), int8sColumn("other_names")},
		w.run.Workset.Read(ctx, "select k1, k2, name_hashes, other_names from plan_names order by k1 < 0, k1, k2 < 0, k2"))
	if err != nil {
		return 0, err
	}
	tag, err := w.tx.Exec(ctx, "update identities i set name_hashes = n.name_hashes, other_names = nullif(n.other_names, '{}') from named n where i.account_id = $1 and i.key = n.key", w.run.Account.ID)
	if err != nil {
		return 0, pipeline.DatabaseError("write names", err)
	}
	return tag.RowsAffected(), nil
}

// newlyShared are the values that this import found to be shared, of rows that go on:
// others, refused or in conflict, make no value a shared one.
const newlyShared = "frequent where not known and k1 in (select k.k1 from keys k semi join members m on m.row = k.row)"

// writeShared remembers which values this import found to be shared: no later
// import joins by them alone.
func (w *writer) writeShared(ctx context.Context) (int64, error) {
	var n int64
	for b, err := range w.run.Workset.Read(ctx, "select k1, any_value(kind)::bigint, max(names)::bigint from "+newlyShared+" group by k1 order by k1") {
		if err != nil {
			return n, err
		}
		for i := range int(b.NumRows()) {
			_, err := w.tx.Exec(ctx, "insert into shared_values (account_id, k1, kind, import_id, names, decided_at) values ($1, $2, $3, $4, $5, $6)",
				w.run.Account.ID, number(b, 0, i), number(b, 1, i), int64(w.run.ImportID), number(b, 2, i), w.run.Now)
			if err != nil {
				return n, pipeline.DatabaseError("write shared value", err)
			}
			n++
		}
	}
	return n, nil
}

func number(b arrow.RecordBatch, column, row int) int64 {
	return b.Column(column).(*array.Int64).Value(row)
}
