package history

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

var (
	//go:embed sql/turns.sql
	turnsSQL string
	//go:embed sql/give_turns_back.sql
	giveTurnsBackSQL string
)

// turns returns how many prospects have an owner by turn, for each distribution that
// the import drew from.
func (e *engine) turns(ctx context.Context) (map[string]int64, error) {
	rows, err := e.tx.Query(ctx, turnsSQL, e.account, int64(e.without))
	if err != nil {
		return nil, pipeline.DatabaseError("read draws", err)
	}
	out := map[string]int64{}
	var folded string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&folded, &n}, func() error {
		out[folded] = n
		return nil
	})
	return out, pipeline.DatabaseError("read draws", err)
}

// giveTurnsBack sets the pointers back by the turns that ended, so that shares stay
// even. Where somebody drew later the pointer is left alone: setting it back would give
// the same turns twice.
func (e *engine) giveTurnsBack(ctx context.Context, before map[string]int64) error {
	for folded, n := range before {
		if err := e.exec(ctx, "give turns back", giveTurnsBackSQL, e.account, int64(e.without), folded, n); err != nil {
			return err
		}
	}
	return nil
}
