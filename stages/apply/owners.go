package apply

import (
	"context"
	"errors"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// turns are the prospects that one distribution has to give to its members.
type turns struct {
	name    string // as the import writes it
	targets []int64
}

var drawsSchema = arrow.NewSchema([]arrow.Field{
	{Name: "target", Type: arrow.PrimitiveTypes.Int64}, {Name: "owner", Type: arrow.BinaryTypes.String}, {Name: "folded", Type: arrow.BinaryTypes.String},
}, nil)

// drawOwners gives the prospects that are to have an owner by turn to the members
// of their distributions, oldest prospect first, and writes owner_draws. The
// account's lock makes the turn one for all imports.
func (w *writer) drawOwners(ctx context.Context) error {
	if !w.fills("owner") {
		return nil
	}
	waiting, err := w.waiting(ctx)
	if err != nil || len(waiting) == 0 {
		return err
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, drawsSchema)
	defer b.Release()
	for _, t := range waiting {
		folded := schemas.FoldLabel(strings.TrimPrefix(t.name, schemas.DistributionPrefix))
		var members []string
		var next int
		err := w.tx.QueryRow(ctx, "select members, next from distributions where account_id = $1 and folded = $2 for update", w.run.Account.ID, folded).Scan(&members, &next)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return pipeline.DatabaseError("read distribution", err)
		}
		owners, next := schemas.Draw(members, next, len(t.targets))
		for i, target := range t.targets {
			b.Field(0).(*array.Int64Builder).Append(target)
			// Nobody there to draw: the prospect stays without an owner.
			owner := ""
			if i < len(owners) {
				owner = owners[i]
			}
			b.Field(1).(*array.StringBuilder).Append(owner)
			b.Field(2).(*array.StringBuilder).Append(folded)
		}
		if len(owners) == 0 {
			continue
		}
		_, err = w.tx.Exec(ctx, "update distributions set next = $3 where account_id = $1 and folded = $2", w.run.Account.ID, folded, next)
		if err != nil {
			return pipeline.DatabaseError("write turn", err)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	_, err = w.run.Workset.Write(ctx, "owner_draws", drawsSchema, func(yield func(arrow.RecordBatch, error) bool) { yield(batch, nil) })
	if err != nil {
		return err
	}
	w.drawn = true
	return w.keepDraws(ctx)
}

func (w *writer) fills(field string) bool {
	for _, f := range w.fields {
		if f.Name == field {
			return true
		}
	}
	return false
}

// waiting lists the prospects whose owner is a distribution, by its name.
func (w *writer) waiting(ctx context.Context) ([]turns, error) {
	var out []turns
	for b, err := range w.run.Workset.Read(ctx, `
with owned as (
  select h.target, r.f_owner as owner, h.first_row from heads h join rows r on r.row = h.first_row where h.target > 0 and h.rows = 1
  union all
  select h.target, i.f_owner, h.first_row from heads h join incoming i using (target) where h.target > 0 and h.rows > 1
  union all
  select target, f_owner, first_row from plan_updates)
select owner, target from owned where starts_with(owner, $1) order by lower(owner), owner, first_row`, schemas.DistributionPrefix) {
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			name := b.Column(0).(*array.String).Value(i)
			if len(out) == 0 || out[len(out)-1].name != name {
				out = append(out, turns{name: strings.Clone(name)})
			}
			last := &out[len(out)-1]
			last.targets = append(last.targets, number(b, 1, i))
		}
	}
	return out, nil
}

// keepDraws remembers who drew whom: computing values again does not draw again.
func (w *writer) keepDraws(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, "create temporary table drawn (prospect_id text collate \"C\", folded text, owner text) on commit drop")
	if err != nil {
		return pipeline.DatabaseError("make table of draws", err)
	}
	_, err = copyInto(ctx, w.tx, "drawn", []column{textColumn("prospect_id"), textColumn("folded"), textColumn("owner")}, w.run.Workset.Read(ctx, `
select case when d.target > 0 then prospect_of(d.target) else n.prospect_id end, d.folded, d.owner
  from owner_draws d left join base_nodes n on n.node = d.target where d.owner <> '' order by 1`))
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `
insert into draws (account_id, prospect_id, folded, owner, import_id) select $1, prospect_id, folded, owner, $2 from drawn
on conflict (account_id, prospect_id, folded) do update set owner = excluded.owner, import_id = excluded.import_id`,
		w.run.Account.ID, int64(w.run.ImportID))
	return pipeline.DatabaseError("write draws", err)
}

// drawnOwner replaces the owner in a select list over alias by the drawn one.
func drawnOwner(list, alias string) string {
	ref := alias + "." + schemas.FieldColumn("owner")
	return strings.Replace(list, ref, "case when d.owner is null then "+ref+" else nullif(d.owner, '') end", 1)
}
