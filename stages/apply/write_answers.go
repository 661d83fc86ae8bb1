package apply

import (
	"context"
	_ "embed"

	"github.com/bateia/bateia/pipeline"
)

//go:embed sql/resolve_answered.sql
var resolveAnsweredSQL string

// resolveAnswered marks the refused rows of earlier imports that rows of this one
// correct, and returns how many of them are taken now. What names no refused row of
// the account means nothing.
func (w *writer) resolveAnswered(ctx context.Context) (taken int64, err error) {
	var some bool
	if _, err := w.run.Workset.Scan(ctx, "select exists (select 1 from answers)", nil, &some); err != nil || !some {
		return 0, err
	}
	_, err = w.tx.Exec(ctx, "create temporary table answered (row bigint, of_import bigint, of_row bigint, taken boolean) on commit drop")
	if err != nil {
		return 0, pipeline.DatabaseError("make table of answers", err)
	}
	columns := []column{int8Column("row"), int8Column("of_import"), int8Column("of_row"), boolColumn("taken")}
	_, err = copyInto(ctx, w.tx, "answered", columns, w.ranged(ctx, `
select a.row, a.of_import, a.of_row, o.outcome not in ('rejected', 'skipped', 'conflict')
  from answers a join plan_outcomes o using (row)
 where a.row > $1 and a.row <= $2 and o.row > $1 and o.row <= $2`))
	if err != nil {
		return 0, err
	}
	if _, err := w.tx.Exec(ctx, "analyze answered"); err != nil {
		return 0, pipeline.DatabaseError("analyze answers", err)
	}
	if err := w.tx.QueryRow(ctx, resolveAnsweredSQL, w.run.Account.ID, int64(w.run.ImportID)).Scan(&taken); err != nil {
		return 0, pipeline.DatabaseError("resolve refused rows", err)
	}
	return taken, nil
}
