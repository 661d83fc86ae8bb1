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
	{Name: "kept", Type: arrow.FixedWidthTypes.Boolean}, {Name: "turn", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// drawOwners gives the prospects that are to have an owner by turn to the members
// of their distributions, oldest prospect first, and writes owner_draws. Who drew
// already, also before prospects became one, keeps the owner. The account's lock makes
// the turn one for all imports.
func (w *writer) drawOwners(ctx context.Context) error {
	waiting, err := w.waiting(ctx)
	if err != nil || len(waiting) == 0 {
		return err
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, drawsSchema)
	defer b.Release()
	for _, t := range waiting {
		folded := schemas.FoldLabel(strings.TrimPrefix(t.name, schemas.DistributionPrefix))
		kept, err := w.drewBefore(ctx, t.name, folded)
		if err != nil {
			return err
		}
		var d schemas.Distribution
		err = w.tx.QueryRow(ctx, "select members, next, returned from distributions where account_id = $1 and folded = $2 for update", w.run.Account.ID, folded).Scan(&d.Members, &d.Next, &d.Returned)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return pipeline.DatabaseError("read distribution", err)
		}
		owners := d.Draw(len(t.targets) - len(kept))
		turn := 0
		for _, target := range t.targets {
			// Nobody there to draw: the prospect stays without an owner.
			owner, known := kept[target]
			if !known && turn < len(owners) {
				owner = owners[turn]
				turn++
			}
			b.Field(0).(*array.Int64Builder).Append(target)
			b.Field(1).(*array.StringBuilder).Append(owner)
			b.Field(2).(*array.StringBuilder).Append(folded)
			b.Field(3).(*array.BooleanBuilder).Append(known)
			b.Field(4).(*array.Int64Builder).Append(int64(b.Field(4).Len()))
		}
		if len(owners) == 0 {
			continue
		}
		_, err = w.tx.Exec(ctx, "update distributions set next = $3, returned = $4 where account_id = $1 and folded = $2", w.run.Account.ID, folded, d.Next, append([]string{}, d.Returned...))
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

// waiting writes the prospects whose owner is a distribution to the table waiting, and
// lists them by its name. Of those who merge an older row may ask for one, whatever
// the import fills.
func (w *writer) waiting(ctx context.Context) ([]turns, error) {
	founded := ""
	if w.fills("owner") {
		founded = `
  select h.target, r.f_owner, h.first_row from heads h join rows r on r.row = h.first_row where h.target > 0 and h.rows = 1
  union all
  select h.target, i.f_owner, h.first_row from heads h join incoming i using (target) where h.target > 0 and h.rows > 1
  union all`
	}
	err := w.run.Workset.Exec(ctx, `
create or replace table waiting as
with owned (target, owner, first_row) as (`+founded+`
  select target, f_owner, first_row from plan_updates)
select * from owned where starts_with(owner, ?)`, schemas.DistributionPrefix)
	if err != nil {
		return nil, err
	}
	var out []turns
	for b, err := range w.run.Workset.Read(ctx, "select owner, target from waiting order by lower(owner), owner, first_row") {
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

// keepDraws remembers who drew whom, in the order of turns: computing values again does
// not draw again.
func (w *writer) keepDraws(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, "create temporary table drawn (prospect_id text collate \"C\", folded text, owner text, turn bigint) on commit drop")
	if err != nil {
		return pipeline.DatabaseError("make table of draws", err)
	}
	_, err = copyInto(ctx, w.tx, "drawn", []column{textColumn("prospect_id"), textColumn("folded"), textColumn("owner"), int8Column("turn")}, w.run.Workset.Read(ctx, `
select case when d.target > 0 then prospect_of(d.target) else n.prospect_id end, d.folded, d.owner, d.turn
  from owner_draws d left join base_nodes n on n.node = d.target where d.owner <> '' and not d.kept order by 1`))
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `
insert into draws (account_id, prospect_id, folded, owner, import_id) select $1, prospect_id, folded, owner, $2 from drawn order by turn
on conflict (account_id, prospect_id, folded) do update set owner = excluded.owner, import_id = excluded.import_id, turn = excluded.turn`,
		w.run.Account.ID, int64(w.run.ImportID))
	return pipeline.DatabaseError("write draws", err)
}

// drawnOwner replaces the owner in a select list over alias by the drawn one.
func drawnOwner(list, alias string) string {
	ref := alias + "." + schemas.FieldColumn("owner")
	return strings.Replace(list, ref, "case when d.owner is null then "+ref+" else nullif(d.owner, '') end", 1)
}

// drawnRanks is the ranks of alias without that of an owner whom nobody drew.
func drawnRanks(alias string) string {
	ref := alias + ".ranks"
	return "case when d.owner = '' and " + ref + " is not null then nullif(json_merge_patch(" + ref + "::json, '{\"owner\":null}')::varchar, '{}') else " + ref + " end"
}
