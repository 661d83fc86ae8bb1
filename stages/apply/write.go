package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

// rangeRows is how many rows one query reads from the workset: the engine holds
// a whole result in memory.
const rangeRows = 200_000

// writer is one apply in its transaction.
type writer struct {
	tx     pgx.Tx
	run    *pipeline.Run
	fields []schemas.Field // those that the import fills
	listID int64           // 0 without a list
	tagIDs []int64
	drawn  bool              // some owners are drawn: owner_draws has them
	state  map[string]string // leaf of each state table
	month  string            // suffix of the history leaves
}

// write puts everything of the plan into Postgres and reports whether any
// prospect was touched.
func write(ctx context.Context, tx pgx.Tx, run *pipeline.Run) (changed bool, err error) {
	w := &writer{tx: tx, run: run}
	for _, f := range schemas.ProspectColumns() {
		if slices.Contains(run.Facts.Fields, f.Name) {
			w.fields = append(w.fields, f)
		}
	}
	for _, step := range []func(context.Context) error{w.leaves, w.labels, w.rowTags, w.fieldDefinitions} {
		if err := step(ctx); err != nil {
			return false, err
		}
	}
	if err := run.Workset.Exec(ctx, prepareSQL); err != nil {
		return false, err
	}
	if err := w.drawOwners(ctx); err != nil {
		return false, err
	}
	var total int64
	for _, step := range []struct {
		name string
		run  func(context.Context) (int64, error)
		want string // counts in the workset what the step has to write
	}{
		{"create prospects", w.createProspects, "select count(*) from heads where target > 0"},
		{"update prospects", w.updateProspects, "select count(*) from plan_updates p left join prospect_leads l using (target) where p.action <> 'unchanged' or p.reranked or l.target is not null"},
		{"merge prospects", w.mergeProspects, "select count(*) from plan_merges"},
		{"write identities", w.writeIdentities, "select count(*) from plan_identities"},
		{"write names", w.writeNames, "select count(*) from plan_names"},
		{"write shared values", w.writeShared, "select count(distinct k1) from " + newlyShared},
		{"write leads", w.writeLeads, "select count(*) from plan_leads"},
		{"write sightings", w.writeSeen, "select count(*) from plan_seen"},
		{"write refused rows", w.writeOutcomes, "select 0 - count(*) from plan_outcomes where outcome in ('rejected', 'skipped', 'conflict')"},
		{"write issues", w.writeIssues, "select 0 - count(*) from issues"},
	} {
		n, err := step.run(ctx)
		if err != nil {
			return false, err
		}
		var want int64
		if _, err := run.Workset.Scan(ctx, step.want, nil, &want); err != nil {
			return false, err
		}
		// What only belongs to the history of the import is counted below zero.
		if n != max(want, -want) {
			return false, &pipeline.Error{Op: step.name, Kind: pipeline.KindPermanent, Err: fmt.Errorf("%d planned, %d written", max(want, -want), n)}
		}
		if want > 0 {
			total += n
		}
		run.Report(pipeline.Progress{Stage: schemas.StageApply, Rows: total, TotalRows: run.Facts.Records})
	}
	if err := w.writeReplaced(ctx); err != nil {
		return false, err
	}
	if run.Facts.Resolved, err = w.resolveAnswered(ctx); err != nil {
		return false, err
	}
	return total > 0, nil
}

// leaves finds the partitions that COPY goes into.
func (w *writer) leaves(ctx context.Context) error {
	if err := w.tx.QueryRow(ctx, "select ensure_history($1)", int64(w.run.ImportID)).Scan(&w.month); err != nil {
		return pipeline.DatabaseError("make history partitions", err)
	}
	w.state = map[string]string{}
	for _, table := range []string{"prospects", "identities"} {
		var own bool
		leaf := fmt.Sprintf("%s_%d", table, w.run.Account.ID)
		if err := w.tx.QueryRow(ctx, "select to_regclass('bateia.' || $1) is not null", leaf).Scan(&own); err != nil {
			return pipeline.DatabaseError("find partition", err)
		}
		if !own {
			leaf = table + "_default"
		}
		w.state[table] = leaf
	}
	return nil
}

// labels finds or makes the import's list and tags. When all rows are refused nobody
// gets them.
func (w *writer) labels(ctx context.Context) error {
	err := w.run.Workset.Exec(ctx, "create or replace table import_labels (kind varchar, label_id bigint, name varchar, everywhere boolean)")
	if err != nil {
		return err
	}
	var some bool
	if _, err := w.run.Workset.Scan(ctx, "select exists (select 1 from heads)", nil, &some); err != nil || !some {
		return err
	}
	m := w.run.Request.Mapping
	if m.List != "" {
		if w.listID, err = w.ownLabel(ctx, "list", m.List); err != nil {
			return err
		}
	}
	for _, tag := range m.Tags {
		id, err := w.ownLabel(ctx, "tag", tag)
		if err != nil {
			return err
		}
		if !slices.Contains(w.tagIDs, id) {
			w.tagIDs = append(w.tagIDs, id)
		}
	}
	slices.Sort(w.tagIDs)
	return nil
}

// rowTags finds or makes the tags that rows name.
func (w *writer) rowTags(ctx context.Context) error {
	type tag struct{ name, folded string }
	var tags []tag
	for b, err := range w.run.Workset.Read(ctx, "select min(n.tag), n.folded from tag_names n semi join plan_tags t on t.folded = n.folded group by n.folded order by n.folded") {
		if err != nil {
			return err
		}
		for i := range int(b.NumRows()) {
			name, folded := b.Column(0).(*array.String).Value(i), b.Column(1).(*array.String).Value(i)
			tags = append(tags, tag{strings.Clone(name), strings.Clone(folded)})
		}
	}
	if len(tags) == 0 {
		return nil
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, labelsSchema)
	defer b.Release()
	for _, t := range tags {
		id, known, err := w.label(ctx, "tag", t.name)
		if err != nil {
			return err
		}
		b.Field(0).(*array.StringBuilder).Append("tag")
		b.Field(1).(*array.Int64Builder).Append(id)
		b.Field(2).(*array.StringBuilder).Append(known)
		b.Field(3).(*array.BooleanBuilder).Append(false)
		if err := w.run.Workset.Exec(ctx, "update tag_names set tag_id = ? where folded = ?", id, t.folded); err != nil {
			return err
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	_, err := w.run.Workset.Write(ctx, "import_labels", labelsSchema, func(yield func(arrow.RecordBatch, error) bool) { yield(batch, nil) })
	return err
}

var labelsSchema = arrow.NewSchema([]arrow.Field{
	{Name: "kind", Type: arrow.BinaryTypes.String}, {Name: "label_id", Type: arrow.PrimitiveTypes.Int64},
	{Name: "name", Type: arrow.BinaryTypes.String}, {Name: "everywhere", Type: arrow.FixedWidthTypes.Boolean},
}, nil)

// label finds or makes a list or tag. known is how it is called, perhaps in another
// spelling.
func (w *writer) label(ctx context.Context, kind, name string) (id int64, known string, err error) {
	folded := schemas.FoldLabel(name)
	_, err = w.tx.Exec(ctx, fmt.Sprintf("insert into %[1]ss (account_id, name, folded, created_by) values ($1, $2, $3, $4) on conflict do nothing", kind),
		w.run.Account.ID, strings.TrimSpace(name), folded, int64(w.run.ImportID))
	if err != nil {
		return 0, "", pipeline.DatabaseError("make "+kind, err)
	}
	err = w.tx.QueryRow(ctx, fmt.Sprintf("select %[1]s_id, name from %[1]ss where account_id = $1 and folded = $2", kind), w.run.Account.ID, folded).Scan(&id, &known)
	if err != nil {
		return 0, "", pipeline.DatabaseError("read "+kind, err)
	}
	return id, known, nil
}

// ownLabel finds or makes a list or tag that all prospects of the import get, and notes
// it in import_labels.
func (w *writer) ownLabel(ctx context.Context, kind, name string) (int64, error) {
	id, known, err := w.label(ctx, kind, name)
	if err != nil {
		return 0, err
	}
	return id, w.run.Workset.Exec(ctx, "insert into import_labels values (?, ?, ?, true)", kind, id, known)
}

// fieldDefinitions remembers the extra fields that the import brought.
func (w *writer) fieldDefinitions(ctx context.Context) error {
	for _, c := range w.run.Facts.Columns {
		name, extra := schemas.IsExtra(c.Field)
		if !extra || !c.Imported {
			continue
		}
		_, err := w.tx.Exec(ctx, `
insert into field_definitions (account_id, name, label, type, created_by) values ($1, $2, $3, coalesce(nullif($4, ''), 'text'), $5) on conflict do nothing`,
			w.run.Account.ID, name, c.Name, c.Type, int64(w.run.ImportID))
		if err != nil {
			return pipeline.DatabaseError("write field definition", err)
		}
	}
	return nil
}

// ranged reads a query with two parameters, $1 and $2, the lower (exclusive) and
// upper bound of row numbers, range by range.
func (w *writer) ranged(ctx context.Context, query string) pipeline.Batches {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for lo := int64(0); lo < w.run.Facts.MaxRow() || lo == 0; lo += rangeRows {
			for b, err := range w.run.Workset.Read(ctx, query, lo, lo+rangeRows) {
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// account and importID are the columns every table starts with.
func (w *writer) account() column  { return constInt4("account_id", w.run.Account.ID) }
func (w *writer) importID() column { return constInt8("import_id", int64(w.run.ImportID)) }

// fieldColumns returns how the best values are read and written: the select
// list over alias, and the COPY columns.
func (w *writer) fieldColumns(alias string) (list string, columns []column) {
	var b strings.Builder
	for _, f := range w.fields {
		ref := alias + "." + schemas.FieldColumn(f.Name)
		switch f.Type {
		case schemas.TypeDate:
			fmt.Fprintf(&b, ", %s::date", ref)
			columns = append(columns, dateColumn(f.Column))
		case schemas.TypeBoolean:
			fmt.Fprintf(&b, ", %s::boolean", ref)
			columns = append(columns, boolColumn(f.Column))
		default:
			fmt.Fprintf(&b, ", %s", ref)
			columns = append(columns, textColumn(f.Column))
		}
	}
	return b.String(), columns
}

// createProspects copies the prospects that the import founds, in the order of
// their ids, which is the order of the rows that found them.
func (w *writer) createProspects(ctx context.Context) (int64, error) {
	row, fields := w.fieldColumns("r")
	grouped, _ := w.fieldColumns("i")
	drawn := ""
	if w.drawn {
		row, grouped, drawn = drawnOwner(row, "r"), drawnOwner(grouped, "i"), " left join owner_draws d using (target)"
	}
	importID := int64(w.run.ImportID)
	columns := append([]column{w.account(), textColumn("prospect_id")}, fields...)
	columns = append(columns, jsonColumn("extra"), uuidsColumn("keys"),
		constantPerPair("lead_imports", importID), firstsColumn("lead_rows"), secondsColumn("lead_hashes"))
	if w.listID != 0 {
		columns = append(columns, constInt4s("list_ids", []int64{w.listID}))
	}
	ranked, ranks := "", ""
	if w.run.Account.Settings.Rank(w.run.Source.Kind) > 1 {
		columns = append(columns, jsonColumn("ranks"))
		ranked, ranks = ", p.ranks", " left join plan_ranks p using (target)"
		if w.drawn {
			ranked = ", " + drawnRanks("p")
		}
	}
	columns = append(columns, int4sColumn("tag_ids", w.tagIDs),
		constTimestamp("created_at", w.run.Now), constTimestamp("updated_at", w.run.Now), constInt8("updated_by", importID))
	return copyInto(ctx, w.tx, w.state["prospects"], columns, w.ranged(ctx, `
with keyed as (select * from prospect_keys where target > $1 and target <= $2)
select * exclude (founder) from (
  select prospect_of(h.target)`+row+`, r.extra, coalesce(k.keys, []::bigint[]), [r.row, h.statement], [r.row, h.statement], [r.row, h.statement]`+ranked+`, coalesce(t.tag_ids, []::bigint[]), h.target as founder
    from heads h join rows r on r.row = h.first_row left join keyed k using (target) left join prospect_tags t using (target)`+ranks+drawn+`
   where h.rows = 1 and h.target > $1 and h.target <= $2 and r.row > $1 and r.row <= $2
  union all
  select prospect_of(h.target)`+grouped+`, i.extra, coalesce(k.keys, []::bigint[]), l.leads, l.leads, l.leads`+ranked+`, coalesce(t.tag_ids, []::bigint[]), h.target
    from heads h join incoming i using (target) join prospect_leads l using (target) left join keyed k using (target) left join prospect_tags t using (target)`+ranks+drawn+`
   where h.rows > 1 and h.target > $1 and h.target <= $2)
 order by founder`))
}

// writeOutcomes copies the rows that became no lead.
func (w *writer) writeOutcomes(ctx context.Context) (int64, error) {
	columns := []column{w.account(), w.importID(), int8Column("row"), int8Column("line"), int8Column("sheet_row"), int8Column("byte_offset"),
		int8Column("byte_length"), textColumn("source_ref"), textColumn("outcome"), textColumn("reason_code"), textsColumn("codes"),
		textColumn("prospect_id"), int8Column("first_row")}
	return copyInto(ctx, w.tx, "row_outcomes_"+w.month, columns, w.ranged(ctx, `
with refused as (select * from plan_rows where outcome in ('rejected', 'skipped', 'conflict') and row > $1 and row <= $2),
     codes as (select row, list(distinct code order by code) as codes from issues semi join refused using (row) group by row)
select r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, r.source_ref, o.outcome, o.reason,
       coalesce(c.codes, [o.reason]), o.prospect_id, o.first_row
  from refused o join rows r using (row) left join codes c using (row)
 order by r.row`))
}
