package history

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
)

var (
	//go:embed sql/move_named.sql
	moveNamedSQL string
	//go:embed sql/before.sql
	beforeSQL string
	//go:embed sql/put_leads.sql
	putLeadsSQL string
	//go:embed sql/put_homes.sql
	putHomesSQL string
	//go:embed sql/put_seen.sql
	putSeenSQL string
	//go:embed sql/drop_seen.sql
	dropSeenSQL string
	//go:embed sql/put_identities.sql
	putIdentitiesSQL string
	//go:embed sql/drop_identities.sql
	dropIdentitiesSQL string
	//go:embed sql/put_aliases.sql
	putAliasesSQL string
	//go:embed sql/put_merges.sql
	putMergesSQL string
	//go:embed sql/end_merges.sql
	endMergesSQL string
)

// write puts changes into the database, table by table, each in the order of its
// primary key.
func (e *engine) write(ctx context.Context, changes []change) error {
	for _, step := range []func(context.Context, []change) error{
		e.keepBefore, e.writeOwners, e.writeProspects, e.writeAliases, e.writeLeads, e.writeIdentities,
	} {
		if err := step(ctx, changes); err != nil {
			return err
		}
	}
	return nil
}

// fill replaces the rows of a temporary table. Rows come in any order.
func (e *engine) fill(ctx context.Context, table string, columns []string, rows [][]any) error {
	if _, err := e.tx.Exec(ctx, "truncate "+table); err != nil {
		return pipeline.DatabaseError("empty "+table, err)
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := e.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return pipeline.DatabaseError("copy "+table, err)
	}
	// Nothing else tells the planner how many there are.
	return e.exec(ctx, "analyze "+table, "analyze "+table)
}

func (e *engine) exec(ctx context.Context, op, sql string, args ...any) error {
	_, err := e.tx.Exec(ctx, sql, args...)
	return pipeline.DatabaseError(op, err)
}

func (e *engine) keepBefore(ctx context.Context, changes []change) error {
	if e.by == 0 {
		return nil // an erasure is not taken back
	}
	var rows [][]any
	add := func(id string) { rows = append(rows, []any{id}) }
	for _, c := range changes {
		for _, p := range c.Put {
			add(p.ID)
		}
		for _, id := range c.Gone {
			add(id)
		}
		for id := range c.Alias {
			if !slices.ContainsFunc(c.Put, func(p prospect) bool { return p.ID == id }) {
				add(id)
			}
		}
	}
	if err := e.fill(ctx, "history_ids", []string{"prospect_id"}, rows); err != nil {
		return err
	}
	return e.exec(ctx, "write before-images", beforeSQL, e.account, int64(e.by))
}

// writeProspects writes rows of prospects and deletes those that vanish.
func (e *engine) writeProspects(ctx context.Context, changes []change) error {
	fields := schemas.ProspectColumns()
	columns := []string{"prospect_id", "extra", "ranks", "keys", "lead_imports", "lead_rows", "lead_hashes", "list_ids", "tag_ids", "created_at", "updated_at", "updated_by"}
	var ddl, names, values, sets strings.Builder
	for _, f := range fields {
		name := pgx.Identifier{f.Column}.Sanitize()
		cast := map[schemas.FieldType]string{schemas.TypeDate: "::date", schemas.TypeBoolean: "::boolean"}[f.Type]
		columns = append(columns, f.Column)
		fmt.Fprintf(&ddl, ", %s text", name)
		fmt.Fprintf(&names, ", %s", name)
		fmt.Fprintf(&values, ", %s%s", name, cast)
		fmt.Fprintf(&sets, ", %[1]s = excluded.%[1]s", name)
	}
	for _, name := range columns[2:12] {
		fmt.Fprintf(&sets, ", %[1]s = excluded.%[1]s", name)
	}
	const fixed = "extra, ranks, keys, lead_imports, lead_rows, lead_hashes, list_ids, tag_ids, created_at, updated_at, updated_by"
	err := e.exec(ctx, "make table of prospects", `
create temporary table if not exists history_prospects (prospect_id text collate "C" primary key, extra jsonb, ranks jsonb, keys uuid[], lead_imports bigint[],
  lead_rows bigint[], lead_hashes bigint[], list_ids int[], tag_ids int[], created_at timestamptz, updated_at timestamptz, updated_by bigint`+ddl.String()+`) on commit drop`)
	if err != nil {
		return err
	}
	var rows [][]any
	var gone []string
	for _, c := range changes {
		for i := range c.Put {
			row, err := c.Put[i].row(fields)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		gone = append(gone, c.Gone...)
	}
	if err := e.fill(ctx, "history_prospects", columns, rows); err != nil {
		return err
	}
	err = e.exec(ctx, "write prospects", `
insert into prospects (account_id, prospect_id, `+fixed+names.String()+`)
select $1, prospect_id, `+fixed+values.String()+` from history_prospects order by prospect_id
    on conflict (account_id, prospect_id) do update set extra = excluded.extra`+sets.String(), e.account)
	if err != nil || len(gone) == 0 {
		return err
	}
	if err := e.endDraws(ctx, "and d.prospect_id = any($2)", gone); err != nil {
		return err
	}
	return e.exec(ctx, "delete prospects", "delete from prospects where account_id = $1 and prospect_id = any($2)", e.account, gone)
}

// row lays a prospect out in the order of the temporary table.
func (p *prospect) row(fields []schemas.Field) ([]any, error) {
	imports, numbers, hashes := []int64{}, []int64{}, []int64{}
	for _, l := range p.Leads {
		imports, numbers, hashes = append(imports, int64(l.Import)), append(numbers, l.Row), append(hashes, l.Statement)
	}
	extra, err := jsonOrNull(p.Extra)
	if err != nil {
		return nil, err
	}
	ranks, err := jsonOrNull(p.Ranks)
	if err != nil {
		return nil, err
	}
	row := []any{p.ID, extra, ranks, append([]key{}, p.Keys...), imports, numbers, hashes, append([]int32{}, p.Lists...), append([]int32{}, p.Tags...), p.Created, p.Updated, int64(p.UpdatedBy)}
	for _, f := range fields {
		if text := p.Fields[f.Name]; text != "" {
			row = append(row, text)
		} else {
			row = append(row, nil)
		}
	}
	return row, nil
}

func jsonOrNull[V any](m map[string]V) (any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, &pipeline.Error{Op: "write extra fields", Kind: pipeline.KindPermanent, Err: fmt.Errorf("not JSON")}
	}
	return text, nil
}

func (e *engine) writeAliases(ctx context.Context, changes []change) error {
	var rows [][]any
	var end []string
	for _, c := range changes {
		for _, id := range slices.Sorted(maps.Keys(c.Alias)) {
			rows = append(rows, []any{id, c.Alias[id]})
		}
		end = slices.Concat(end, c.Gone, c.Restored)
	}
	if len(end) > 0 {
		if err := e.exec(ctx, "delete aliases", "delete from aliases where account_id = $1 and alias_id = any($2)", e.account, end); err != nil {
			return err
		}
		if err := e.exec(ctx, "end merges", endMergesSQL, e.account, end); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := e.fill(ctx, "history_aliases", []string{"alias_id", "survivor_id"}, rows); err != nil {
		return err
	}
	if err := e.exec(ctx, "write aliases", putAliasesSQL, e.account); err != nil {
		return err
	}
	return e.exec(ctx, "write merges", putMergesSQL, e.account, int64(e.by), e.reason)
}

// writeLeads writes what changed of leads: their prospect and keys, or where
// they lie.
func (e *engine) writeLeads(ctx context.Context, changes []change) error {
	var stay, homes, seen [][]any
	var of, from places
	for _, c := range changes {
		for _, l := range c.Leads {
			keys := append([]key{}, l.Keys...)
			if l.stored.Moved == nil {
				stay = append(stay, []any{int64(l.Import), l.Row, l.Prospect, l.Statement, keys})
				of.add(l.ref)
				continue
			}
			was, at := l.stored.ref, l.stored.Moved
			from.add(was)
			homes = append(homes, []any{int64(was.Import), was.Row, int64(at.Import), at.Row, at.Line, at.SheetRow, at.ByteOffset, at.ByteLength, l.Prospect, l.Statement, keys})
			for _, s := range l.Seen {
				seen = append(seen, []any{int64(was.Import), was.Row, int64(s.Import), s.Row, int64(l.Import), l.Row})
			}
		}
	}
	if len(stay) > 0 {
		if err := e.fill(ctx, "history_leads", []string{"import_id", "row", "prospect_id", "statement", "keys"}, stay); err != nil {
			return err
		}
		if err := e.exec(ctx, "write leads", putLeadsSQL, e.account, of.imports, of.rows); err != nil {
			return err
		}
	}
	if len(homes) == 0 {
		return nil
	}
	err := e.fill(ctx, "history_homes", []string{"from_import", "from_row", "import_id", "row", "line", "sheet_row", "byte_offset", "byte_length", "prospect_id", "statement", "keys"}, homes)
	if err != nil {
		return err
	}
	if err := e.fill(ctx, "history_seen", []string{"from_import", "from_row", "import_id", "row", "lead_import", "lead_row"}, seen); err != nil {
		return err
	}
	if err := e.putHomes(ctx); err != nil {
		return err
	}
	if err := e.moveNamed(ctx, homes); err != nil {
		return err
	}
	if err := e.exec(ctx, "delete sightings", dropSeenSQL, e.account, from.imports, from.rows); err != nil {
		return err
	}
	return e.exec(ctx, "move sightings", putSeenSQL, e.account, from.imports, from.rows)
}

// putHomes writes leads at the places of history_homes.
func (e *engine) putHomes(ctx context.Context) error {
	var columns, fields strings.Builder
	for _, f := range schemas.ProspectColumns() {
		name := pgx.Identifier{f.Column}.Sanitize()
		columns.WriteString(", " + name)
		fields.WriteString(", l." + name)
	}
	return e.exec(ctx, "move leads", strings.Replace(strings.Replace(putHomesSQL, "/*columns*/", columns.String(), 1), "/*fields*/", fields.String(), 1), e.account)
}

// places are the distinct imports and the rows of leads.
type places struct{ imports, rows []int64 }

func (p *places) add(r ref) {
	if id := int64(r.Import); !slices.Contains(p.imports, id) {
		p.imports = append(p.imports, id)
	}
	p.rows = append(p.rows, r.Row)
}

func (e *engine) writeIdentities(ctx context.Context, changes []change) error {
	var put, drop [][]any
	for _, c := range changes {
		for _, i := range c.IDRows {
			put = append(put, []any{i.Key, i.Kind, i.Value, i.Joins, i.Prospect, int64(i.First.Import), i.First.Row, append([]int64{}, i.Names...)})
		}
		for _, k := range c.Dropped {
			drop = append(drop, []any{k})
		}
	}
	if len(drop) > 0 {
		if err := e.fill(ctx, "history_keys", []string{"key"}, drop); err != nil {
			return err
		}
		if err := e.exec(ctx, "delete identities", dropIdentitiesSQL, e.account); err != nil {
			return err
		}
	}
	if len(put) == 0 {
		return nil
	}
	columns := []string{"key", "kind", "value", "joins", "prospect_id", "first_import_id", "first_row", "name_hashes"}
	if err := e.fill(ctx, "history_identities", columns, put); err != nil {
		return err
	}
	return e.exec(ctx, "write identities", putIdentitiesSQL, e.account)
}

// moveNamed keeps the leads that splits named known to them.
func (e *engine) moveNamed(ctx context.Context, homes [][]any) error {
	var some bool
	err := e.tx.QueryRow(ctx, "select exists (select from decisions where account_id = $1 and subject ? 'from')", e.account).Scan(&some)
	if err != nil || !some {
		return pipeline.DatabaseError("read decisions", err)
	}
	was, now := make([]string, len(homes)), make([]string, len(homes))
	for i, h := range homes {
		was[i] = schemas.LeadID(schemas.ImportID(h[0].(int64)), h[1].(int64))
		now[i] = schemas.LeadID(schemas.ImportID(h[2].(int64)), h[3].(int64))
	}
	return e.exec(ctx, "move leads of decisions", moveNamedSQL, e.account, was, now)
}
