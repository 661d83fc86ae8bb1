package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// updateProspects writes what changes on prospects that exist: their new values
// go into a temporary table, the rows as they are into before_images, and one
// UPDATE takes them over. A prospect that only gains a lead keeps its time of
// change.
func (w *writer) updateProspects(ctx context.Context) (int64, error) {
	all := schemas.ProspectColumns()
	var ddl, list, sets strings.Builder
	columns := []column{textColumn("prospect_id"), boolColumn("changed")}
	for _, f := range all {
		name := pgx.Identifier{f.Column}.Sanitize()
		fmt.Fprintf(&ddl, ", %s text", name)
		fmt.Fprintf(&list, ", p.%s", schemas.FieldColumn(f.Name))
		columns = append(columns, textColumn(f.Column))
		cast := map[schemas.FieldType]string{schemas.TypeDate: "::date", schemas.TypeBoolean: "::boolean"}[f.Type]
		fmt.Fprintf(&sets, "%s = c.%s%s, ", name, name, cast)
	}
	values, ranks, drawn := list.String(), "p.ranks", ""
	if w.drawn {
		values, ranks, drawn = drawnOwner(values, "p"), drawnRanks("p"), " left join owner_draws d using (target)"
	}
	columns = append(columns, jsonColumn("extra"), jsonColumn("ranks"), uuidsColumn("new_keys"),
		constantPerPair("new_imports", int64(w.run.ImportID)), firstsColumn("new_rows"), secondsColumn("new_hashes"),
		int4sColumn("new_tags", w.tagIDs))
	_, err := w.tx.Exec(ctx, "create temporary table changed (prospect_id text collate \"C\" primary key, changed boolean"+ddl.String()+
		", extra jsonb, ranks jsonb, new_keys uuid[], new_imports bigint[], new_rows bigint[], new_hashes bigint[], new_tags int[]) on commit drop")
	if err != nil {
		return 0, pipeline.DatabaseError("make table of changes", err)
	}
	n, err := copyInto(ctx, w.tx, "changed", columns, w.ranged(ctx, `
with leads as (select target, leads from prospect_leads)
select p.prospect_id, p.action <> 'unchanged'`+values+`, p.extra, `+ranks+`, coalesce(k.keys, []::bigint[]),
       coalesce(l.leads, []::bigint[]), coalesce(l.leads, []::bigint[]), coalesce(l.leads, []::bigint[]), coalesce(t.tag_ids, []::bigint[])
  from plan_updates p left join prospect_keys k using (target) left join leads l using (target) left join prospect_tags t using (target)`+drawn+`
 where (p.action <> 'unchanged' or p.reranked or l.leads is not null) and p.first_row > $1 and p.first_row <= $2
 order by p.prospect_id`))
	if err != nil || n == 0 {
		return n, err
	}
	if _, err := w.tx.Exec(ctx, "analyze changed"); err != nil {
		return 0, pipeline.DatabaseError("analyze changes", err)
	}
	if err := w.beforeImages(ctx, "select prospect_id from changed"); err != nil {
		return 0, err
	}
	tag, err := w.tx.Exec(ctx, `
update prospects p set `+sets.String()+`
       extra = c.extra, ranks = c.ranks, keys = p.keys || c.new_keys, lead_imports = p.lead_imports || c.new_imports, lead_rows = p.lead_rows || c.new_rows,
       lead_hashes = p.lead_hashes || c.new_hashes,
       list_ids = case when $2::int = 0 or $2::int = any(p.list_ids) then p.list_ids else p.list_ids || $2::int end,
       tag_ids = case when p.tag_ids @> c.new_tags then p.tag_ids else array(select distinct t from unnest(p.tag_ids || c.new_tags) t order by t) end,
       updated_at = case when c.changed then $3 else p.updated_at end,
       updated_by = case when c.changed then $4 else p.updated_by end
  from changed c
 where p.account_id = $1 and p.prospect_id = c.prospect_id`,
		w.run.Account.ID, w.listID, w.run.Now, int64(w.run.ImportID))
	if err != nil {
		return 0, pipeline.DatabaseError("update prospects", err)
	}
	return tag.RowsAffected(), nil
}

// beforeImages keeps the rows of prospects as they are before they change.
func (w *writer) beforeImages(ctx context.Context, ids string) error {
	_, err := w.tx.Exec(ctx, `
insert into before_images (account_id, import_id, prospect_id, image)
select p.account_id, $2, p.prospect_id, to_jsonb(p)
  from prospects p where p.account_id = $1 and p.prospect_id in (`+ids+`)
    on conflict do nothing`, w.run.Account.ID, int64(w.run.ImportID))
	if err != nil {
		return pipeline.DatabaseError("write before-images", err)
	}
	return nil
}

// mergeProspects writes alias rows and gives the survivors what hung on the
// others. Merges are few, so they go row by row in one order.
func (w *writer) mergeProspects(ctx context.Context) (int64, error) {
	var n int64
	account, importID := w.run.Account.ID, int64(w.run.ImportID)
	for b, err := range w.run.Workset.Read(ctx, "select survivor_id, merged_id, row from plan_merges order by survivor_id, merged_id") {
		if err != nil {
			return n, err
		}
		for i := range int(b.NumRows()) {
			survivor, merged := b.Column(0).(*array.String).Value(i), b.Column(1).(*array.String).Value(i)
			batch := &pgx.Batch{}
			batch.Queue("insert into merges (account_id, import_id, survivor_id, merged_id, row, reason) values ($1, $2, $3, $4, $5, 'identity')",
				account, importID, survivor, merged, b.Column(2).(*array.Int64).Value(i))
			batch.Queue("update aliases set survivor_id = $2 where account_id = $1 and survivor_id = $3", account, survivor, merged)
			batch.Queue("insert into aliases (account_id, alias_id, survivor_id) values ($1, $3, $2)", account, survivor, merged)
			if err := w.tx.SendBatch(ctx, batch).Close(); err != nil {
				return n, pipeline.DatabaseError("write merge", err)
			}
			n++
		}
	}
	if n == 0 {
		return 0, nil
	}
	if _, err := w.tx.Exec(ctx, mergeSQL, account, importID); err != nil {
		return n, pipeline.DatabaseError("merge prospects", err)
	}
	return n, nil
}

// writeIssues copies the issues of the import, those on the file as a whole
// first, numbered in the order of the rows.
func (w *writer) writeIssues(ctx context.Context) (int64, error) {
	columns := []column{w.account(), w.importID(), int8Column("seq"), int8Column("row"), int8Column("line"), int8Column("sheet_row"),
		int8Column("byte_offset"), textColumn("source_ref"), textColumn("column"), textColumn("field"), textColumn("severity"),
		textColumn("code"), textColumn("value"), textColumn("shape")}
	err := w.run.Workset.Exec(ctx, `
create or replace table numbered_issues as
select row_number() over (order by row nulls first, "column", field, code, value) as seq, * from told_issues`)
	if err != nil {
		return 0, err
	}
	const query = `
select i.seq, i.row, r.line, r.sheet_row, r.byte_offset, r.source_ref, i."column", i.field, i.severity, i.code, i.value, i.shape
  from numbered_issues i left join rows r using (row) `
	return copyInto(ctx, w.tx, "issues_"+w.month, columns, func(yield func(arrow.RecordBatch, error) bool) {
		parts := []pipeline.Batches{
			w.run.Workset.Read(ctx, query+"where i.row is null order by i.seq"),
			w.ranged(ctx, query+"where i.row > $1 and i.row <= $2 order by i.seq"),
		}
		for _, part := range parts {
			for b, err := range part {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	})
}
