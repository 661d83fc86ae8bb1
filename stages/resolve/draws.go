package resolve

import (
	"context"
	_ "embed"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

//go:embed sql/ask_draws.sql
var askDrawsSQL string

// baseDraws is the workset's table of owners by turn that were drawn for prospects, or
// for what merged into them.
var baseDraws = arrow.NewSchema([]arrow.Field{
	{Name: "prospect_id", Type: arrow.BinaryTypes.String}, {Name: "raw_id", Type: arrow.BinaryTypes.String}, {Name: "folded", Type: arrow.BinaryTypes.String},
	{Name: "owner", Type: arrow.BinaryTypes.String}, {Name: "import_id", Type: arrow.PrimitiveTypes.Int64}}, nil)

// loadDraws brings the draws of the prospects that may merge.
func loadDraws(ctx context.Context, tx pgx.Tx, run *pipeline.Run, ids []string) error {
	out := newSink(run, "base_draws", baseDraws)
	defer out.close()
	if err := run.Workset.Exec(ctx, "drop table if exists base_draws"); err != nil {
		return err
	}
	var some bool
	err := tx.QueryRow(ctx, "select exists (select from draws where account_id = $1)", run.Account.ID).Scan(&some)
	if err != nil {
		return pipeline.DatabaseError("read draws", err)
	}
	if !some {
		ids = nil
	}
	for chunk := range chunks(ids, prospectChunk) {
		rows, err := tx.Query(ctx, askDrawsSQL, run.Account.ID, chunk)
		if err != nil {
			return pipeline.DatabaseError("read draws", err)
		}
		var id, raw, folded, owner string
		var by int64
		_, err = pgx.ForEachRow(rows, []any{&id, &raw, &folded, &owner, &by}, func() error {
			for i, value := range []string{id, raw, folded, owner} {
				out.text(i, value)
			}
			out.b.Field(4).(*array.Int64Builder).Append(by)
			return out.full(ctx)
		})
		if err != nil {
			return pipeline.DatabaseError("read draws", err)
		}
	}
	return out.flush(ctx)
}

// joined are the draws of prospects that become one, by folded name of the distribution,
// in the order of ids.
type joined map[string][]drawn

// drawn is an owner that was drawn.
type drawn struct {
	owner string
	by    schemas.ImportID
	own   bool // drawn for the survivor's own id
}

// joinedDraws returns the draws of each prospect into which others merge.
func joinedDraws(ctx context.Context, run *pipeline.Run) (map[int64]joined, error) {
	out := map[int64]joined{}
	query := joinedSQL("d.folded, d.raw_id, d.owner, d.import_id, d.raw_id = s.prospect_id", "base_draws d using (prospect_id) join base_nodes s on s.node = n.target")
	for b, err := range run.Workset.Read(ctx, query+", 2, 3") {
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			target, folded := integer(b, 0, i), text(b, 1, i)
			if out[target] == nil {
				out[target] = joined{}
			}
			d := drawn{text(b, 3, i), schemas.ImportID(integer(b, 4, i)), b.Column(5).(*array.Boolean).Value(i)}
			out[target][folded] = append(out[target][folded], d)
		}
	}
	return out, nil
}

// fold returns what statements of prospects that become one add up to. Who drew an owner
// for one of them drew for all, as long as the import asks that drew: others are for apply.
func (j joined) fold(statements []survivorship.Statement) survivorship.Best {
	turns := map[string][]schemas.ImportID{}
	for folded, draws := range j {
		for _, d := range draws {
			turns[folded] = append(turns[folded], d.by)
		}
	}
	survivorship.Drawn(statements, turns)
	best := survivorship.Fold(statements)
	v := best.Fields["owner"]
	folded, asked := survivorship.Distribution(v.Text)
	if !asked || len(j[folded]) == 0 {
		return best
	}
	asks := func(d drawn) bool {
		return slices.ContainsFunc(statements, func(s survivorship.Statement) bool {
			f, ok := survivorship.Distribution(s.Fields["owner"])
			return ok && f == folded && s.Import == d.by
		})
	}
	rank := func(d drawn) int { return survivorship.DrawRank(asks(d), d.own) }
	if d := slices.MinFunc(j[folded], func(x, y drawn) int { return rank(x) - rank(y) }); asks(d) {
		v.Text = d.owner
		best.Fields["owner"] = v
	}
	return best
}

// joinedSQL selects from what is known of prospects that become one.
func joinedSQL(columns, from string) string {
	return "select n.target, " + columns + `
  from (select survivor as target, survivor as node from plan_merges union select survivor, merged from plan_merges) n
  join base_nodes b using (node) join ` + from + ` order by 1`
}
