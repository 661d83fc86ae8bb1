package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/bateia/bateia/pipeline"
)

// writeIdentities copies the new keys in the order of the primary key, in which
// prepare laid them down.
func (w *writer) writeIdentities(ctx context.Context) (int64, error) {
	columns := []column{w.account(), uuidColumn("key"), int2Column("kind"), textColumn("value"), boolColumn("joins"),
		textColumn("prospect_id"), constInt8("first_import_id", int64(w.run.ImportID)), int8Column("first_row"), int8sColumn("name_hashes")}
	return copyInto(ctx, w.tx, w.state["identities"], columns, w.stretches(ctx, `
select i.k1, i.k2, i.kind, i.value, i.joins, case when i.target > 0 then prospect_of(i.target) else n.prospect_id end, i.row, i.name_hashes
  from sorted_identities i left join base_nodes n on n.node = i.target
 where i.rowid >= $1 and i.rowid < $2`))
}

// writeSeen copies which rows said again what a lead says.
func (w *writer) writeSeen(ctx context.Context) (int64, error) {
	// The leads of this import come last: its id is the highest.
	columns := []column{w.account(), int8Column("lead_import"), int8Column("lead_row"), w.importID(), int8Column("row"), int8Column("line"),
		int8Column("sheet_row"), int8Column("byte_offset"), int8Column("byte_length"), textColumn("outcome")}
	return copyInto(ctx, w.tx, "seen_leads_"+w.month, columns, w.stretches(ctx, fmt.Sprintf(`
select coalesce(lead_import, %d), lead_row, row, line, sheet_row, byte_offset, byte_length, outcome
  from sorted_seen where rowid >= $1 and rowid < $2`, int64(w.run.ImportID))))
}

// stretches reads a query with two parameters, the lower and upper (exclusive)
// bound of a table's rowid, stretch by stretch until one is not full.
func (w *writer) stretches(ctx context.Context, query string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for at := int64(0); ; at += rangeRows {
			var rows int64
			for b, err := range w.run.Workset.Read(ctx, query, at, at+rangeRows) {
				if !yield(b, err) || err != nil {
					return
				}
				rows += b.NumRows()
			}
			if rows < rangeRows {
				return
			}
		}
	}
}

// writeLeads copies the distinct statements of the import, with the keys under
// which each was joined.
func (w *writer) writeLeads(ctx context.Context) (int64, error) {
	list, fields := w.fieldColumns("r")
	columns := append([]column{w.account(), w.importID(), int8Column("row"), int8Column("line"), int8Column("sheet_row"),
		int8Column("byte_offset"), int8Column("byte_length"), textColumn("source_ref"), textColumn("prospect_id"), textColumn("outcome"),
		int8Column("statement"), uuidsColumn("keys"), boolColumn("by_id")}, fields...)
	columns = append(columns, jsonColumn("extra"))
	tagged, tags := "", ""
	if slices.Contains(w.run.Facts.Fields, "tags") {
		tagged = ", coalesce(t.tag_ids, []::bigint[])"
		tags = `left join (select s.row, list(n.tag_id) as tag_ids
                    from (select row, unnest(f_tags::json::varchar[]) as tag from rows where f_tags is not null and row > $1 and row <= $2) s
                    join tag_names n using (tag) group by s.row) t using (row)`
		columns = append(columns, int4sColumn("tag_ids", nil))
	}
	return copyInto(ctx, w.tx, "leads_"+w.month, columns, w.ranged(ctx, `
with stated as (
  select k.row, flatten(list([k.k1, coalesce(d.k2, k.k2)])) as keys
    from keys k left join disputed_keys d on d.row = k.row and d.k1 = k.k1 and d.stated_k2 = k.k2
   where k.row > $1 and k.row <= $2 group by k.row)
select r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, r.source_ref,
       case when l.target > 0 then prospect_of(l.target) else n.prospect_id end, o.outcome, l.statement,
       coalesce(i.keys, []::bigint[]), r.bateia_id is not null`+list+`, r.extra`+tagged+`
  from plan_leads l join rows r using (row) join plan_outcomes o using (row) left join stated i using (row) left join base_nodes n on n.node = l.target
       `+tags+`
 where l.row > $1 and l.row <= $2 and r.row > $1 and r.row <= $2 and o.row > $1 and o.row <= $2
 order by l.row`))
}
