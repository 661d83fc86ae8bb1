package history

import (
	"cmp"
	"context"
	_ "embed"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/touch_apart.sql
	touchApartSQL string
	//go:embed sql/touch_between.sql
	touchBetweenSQL string
	//go:embed sql/apart_groups.sql
	apartGroupsSQL string
)

// touchApart adds to the touched prospects those that people keep apart from them:
// a value that was one's may be the other's when its leads go.
func (e *engine) touchApart(ctx context.Context) error {
	for {
		tag, err := e.tx.Exec(ctx, touchApartSQL, e.account, int64(e.without))
		if err != nil {
			return pipeline.DatabaseError("find prospects that are apart", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
	}
}

// touchBetween adds to the touched prospects those whom leads lead to that stand between
// people whom the imports kept apart, and whom people keep apart from these. It returns
// the ids of the former.
func (e *engine) touchBetween(ctx context.Context, kept ...schemas.ImportID) (added []string, err error) {
	for {
		if err := e.touchApart(ctx); err != nil {
			return nil, err
		}
		rows, err := e.tx.Query(ctx, touchBetweenSQL, e.account, kept)
		if err != nil {
			return nil, pipeline.DatabaseError("find whom rows stand between", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(ids) == 0 {
			return added, pipeline.DatabaseError("find whom rows stand between", err)
		}
		added = append(added, ids...)
	}
}

// groups puts prospects together that are computed as one bundle: those of
// together, and those that people keep apart.
func (e *engine) groups(ctx context.Context, ids, together []string) ([][]string, error) {
	first := map[string]string{} // id → an id of the same group, sorted before it or itself
	for _, id := range append(slices.Clone(ids), together...) {
		first[id] = id
	}
	find := func(id string) string {
		for first[id] != id {
			id = first[id]
		}
		return id
	}
	join := func(a, b string) {
		a, b = find(a), find(b)
		first[max(a, b)] = min(a, b)
	}
	for _, id := range together {
		join(together[0], id)
	}
	rows, err := e.tx.Query(ctx, apartGroupsSQL, e.account, int64(e.without))
	if err != nil {
		return nil, pipeline.DatabaseError("read who is apart", err)
	}
	var a, b string
	_, err = pgx.ForEachRow(rows, []any{&a, &b}, func() error {
		if first[a] != "" && first[b] != "" {
			join(a, b)
		}
		return nil
	})
	if err != nil {
		return nil, pipeline.DatabaseError("read who is apart", err)
	}
	by := map[string][]string{}
	for id := range first {
		by[find(id)] = append(by[find(id)], id)
	}
	var out [][]string
	for _, g := range by {
		slices.Sort(g)
		out = append(out, g)
	}
	slices.SortFunc(out, func(x, y []string) int { return cmp.Compare(x[0], y[0]) })
	return out, nil
}
