package history

import (
	"context"
	_ "embed"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/end_draws.sql
	endDrawsSQL string
	//go:embed sql/ended.sql
	endedSQL string
)

// endDraws deletes draws and remembers whose turns they were. which is a condition on
// them, d, beginning with and; args are from $2.
func (e *engine) endDraws(ctx context.Context, which string, args ...any) error {
	return e.exec(ctx, "delete draws", strings.Replace(endDrawsSQL, "/*which*/", which, 1), append([]any{e.account}, args...)...)
}

// giveTurnsBack gives the turns that ended back to whom they were, so that shares stay
// even, and the same people have the same owners when they are imported again.
func (e *engine) giveTurnsBack(ctx context.Context) error {
	rows, err := e.tx.Query(ctx, endedSQL)
	if err != nil {
		return pipeline.DatabaseError("read turns that ended", err)
	}
	type turns struct {
		folded string
		owners []string
	}
	ended, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t turns, err error) { return t, r.Scan(&t.folded, &t.owners) })
	if err != nil {
		return pipeline.DatabaseError("read turns that ended", err)
	}
	for _, t := range ended {
		var d schemas.Distribution
		err := e.tx.QueryRow(ctx, "select members, returned from distributions where account_id = $1 and folded = $2 for update", e.account, t.folded).Scan(&d.Members, &d.Returned)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // deleted meanwhile
		}
		if err != nil {
			return pipeline.DatabaseError("read distribution", err)
		}
		d.GiveBack(t.owners)
		if err := e.exec(ctx, "write turns", "update distributions set returned = $3 where account_id = $1 and folded = $2", e.account, t.folded, append([]string{}, d.Returned...)); err != nil {
			return err
		}
	}
	return nil
}
