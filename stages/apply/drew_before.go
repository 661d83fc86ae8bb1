package apply

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas/survivorship"
)

var (
	//go:embed sql/drew_before.sql
	drewBeforeSQL string
	//go:embed sql/asked_before.sql
	askedBeforeSQL string
)

// drawn is an owner that was drawn for a prospect, or for what merged into it.
type drawn struct {
	raw      string // id that it was drawn for
	owner    string
	by       int64 // import that drew
	own      bool  // raw is the prospect's own id
	anchored bool  // a statement of that import asks for it still
}

// asked is a statement that asks for an owner from the distribution.
type asked struct{ place, by int64 }

// earlier is what is known of a prospect from before this import.
type earlier struct {
	draws []drawn
	asked []asked
}

// counts returns the draw that counts of several.
func (e *earlier) counts() drawn {
	for i := range e.draws {
		d := &e.draws[i]
		d.anchored = slices.ContainsFunc(e.asked, func(a asked) bool { return a.by == d.by })
	}
	rank := func(d drawn) int { return survivorship.DrawRank(d.anchored, d.own) }
	return slices.MinFunc(e.draws, func(x, y drawn) int { return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.raw, y.raw)) })
}

// drewBefore returns the owners that prospects drew before, by target. A draw that
// nobody asked for any more is that of whoever asks first now.
func (w *writer) drewBefore(ctx context.Context, name, folded string) (map[int64]string, error) {
	var some bool
	err := w.tx.QueryRow(ctx, "select exists (select from draws where account_id = $1 and folded = $2)", w.run.Account.ID, folded).Scan(&some)
	if err != nil || !some {
		return nil, pipeline.DatabaseError("read draws", err)
	}
	known := map[int64]*earlier{}
	for b, err := range w.run.Workset.Read(ctx, `
select o.target, n.prospect_id, true as own from waiting o join base_nodes n on n.node = o.target where o.owner = $1
union all
select o.target, n.prospect_id, false from waiting o join plan_merges m on m.survivor = o.target join base_nodes n on n.node = m.merged where o.owner = $1
 order by 1, 2`, name) {
		if err != nil {
			return nil, err
		}
		targets, ids := make([]int64, b.NumRows()), make([]string, b.NumRows())
		own := map[string]bool{}
		for i := range int(b.NumRows()) {
			targets[i], ids[i] = number(b, 0, i), strings.Clone(b.Column(1).(*array.String).Value(i))
			own[ids[i]] = b.Column(2).(*array.Boolean).Value(i)
		}
		if err := w.askEarlier(ctx, folded, targets, ids, own, known); err != nil {
			return nil, err
		}
	}
	out := map[int64]string{}
	for target, e := range known {
		if len(e.draws) == 0 {
			continue
		}
		d := e.counts()
		out[target] = d.owner
		if d.anchored {
			continue
		}
		by := int64(w.run.ImportID)
		if len(e.asked) > 0 {
			by = slices.MinFunc(e.asked, func(x, y asked) int { return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.by, y.by)) }).by
		}
		_, err := w.tx.Exec(ctx, "update draws set import_id = $4 where account_id = $1 and prospect_id = $2 and folded = $3", w.run.Account.ID, d.raw, folded, by)
		if err != nil {
			return nil, pipeline.DatabaseError("write draws", err)
		}
	}
	return out, nil
}

// askEarlier adds to known what was drawn for prospects and asked of them before.
func (w *writer) askEarlier(ctx context.Context, folded string, targets []int64, ids []string, own map[string]bool, known map[int64]*earlier) error {
	rows, err := w.tx.Query(ctx, drewBeforeSQL, w.run.Account.ID, folded, ids)
	if err != nil {
		return pipeline.DatabaseError("read draws", err)
	}
	var at int
	var d drawn
	drew := map[int64]bool{}
	_, err = pgx.ForEachRow(rows, []any{&at, &d.raw, &d.owner, &d.by}, func() error {
		target := targets[at-1]
		if known[target] == nil {
			known[target] = &earlier{}
		}
		d.own = own[d.raw]
		known[target].draws = append(known[target].draws, d)
		drew[target] = true
		return nil
	})
	if err != nil || len(drew) == 0 {
		return pipeline.DatabaseError("read draws", err)
	}
	rows, err = w.tx.Query(ctx, askedBeforeSQL, w.run.Account.ID, ids)
	if err != nil {
		return pipeline.DatabaseError("read who asked", err)
	}
	var a asked
	var owner string
	_, err = pgx.ForEachRow(rows, []any{&at, &a.place, &a.by, &owner}, func() error {
		if f, ok := survivorship.Distribution(owner); !ok || f != folded {
			return nil
		}
		target := targets[at-1]
		if known[target] == nil {
			known[target] = &earlier{}
		}
		known[target].asked = append(known[target].asked, a)
		return nil
	})
	return pipeline.DatabaseError("read who asked", err)
}
