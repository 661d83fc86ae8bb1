package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bateia/bateia/schemas"
)

// nameFields are taken from one lead as a whole and never mixed.
var nameFields = []string{"name", "first_name", "last_name"}

// fieldScripts returns the statements that depend on which fields the import
// fills: they are made from the field catalogue, one column each.
func fieldScripts(filled []string, s survival) []string {
	for _, f := range schemas.ProspectColumns() {
		if slices.Contains(filled, f.Name) {
			s.fields = append(s.fields, f)
		}
	}
	return []string{
		tagsOf(slices.Contains(filled, "tags")),
		s.incoming(),
		current(),
		s.updates(),
		s.foundingRanks(),
		changes(),
		prospects(s.fields),
	}
}

// tagsOf writes plan_tags: which prospect gets which tag from its rows.
func tagsOf(rowsHaveTags bool) string {
	if !rowsHaveTags {
		return "create or replace table plan_tags (target bigint, folded varchar);"
	}
	return `
create or replace table plan_tags as
select distinct t.target, n.folded
  from (select m.target, unnest(r.f_tags::json::varchar[]) as tag from members m join rows r using (row) where r.f_tags is not null) t
  join tag_names n using (tag);`
}

// incoming writes what the import says of each prospect, but for new ones that
// have one row: that row says it all. Where several rows speak, the latest
// non-empty value wins, except for identities, whose first one is the primary
// one unless a row by id edits it. Only prospects with more than one row are
// grouped. by_<field> says whether a row by id said it.
func (s survival) incoming() string {
	var alone, grouped strings.Builder
	name := nameRow(s.fields)
	flag := func(field, said string) {
		if s.byID {
			fmt.Fprintf(&alone, ", r.bateia_id is not null as by_%s", field)
			fmt.Fprintf(&grouped, ", %s", said)
		}
	}
	const byID = "r.bateia_id is not null"
	for _, f := range s.fields {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&alone, ", r.%s", col)
		last := fmt.Sprintf("arg_max(%s, r.row) filter (r.%s is not null)", byID, col)
		switch {
		case f.Kind != 0 && s.byID:
			fmt.Fprintf(&grouped, ", coalesce(arg_min(r.%[1]s, r.row) filter (%[2]s), arg_min(r.%[1]s, r.row))", col, byID)
			flag(f.Name, fmt.Sprintf("coalesce(bool_or(%s and r.%s is not null), false)", byID, col))
		case f.Kind != 0:
			fmt.Fprintf(&grouped, ", arg_min(r.%s, r.row)", col)
		case slices.Contains(nameFields, f.Name):
			fmt.Fprintf(&grouped, ", arg_max_null(r.%s, case when %s then r.row end)", col, name)
		case s.clear:
			fmt.Fprintf(&grouped, ", arg_max_null(r.%s, r.row)", col)
			flag(f.Name, fmt.Sprintf("arg_max(%s, r.row)", byID))
		default:
			fmt.Fprintf(&grouped, ", arg_max(r.%s, r.row)", col)
			flag(f.Name, last)
		}
	}
	// The name has one flag for its parts; of the extra fields the keys are listed.
	flag("name", fmt.Sprintf("coalesce(arg_max(%[1]s, case when %[2]s then r.row end), arg_max(%[1]s, r.row))", byID, name))
	extras, aloneExtra, groupedExtra := "", "", ""
	if s.byID {
		extras = `
with said as (
  select m.target, r.row, r.bateia_id is not null as by_id, unnest(json_keys(r.extra::json)) as k
    from members m join heads h using (target) join rows r using (row) where h.rows > 1 and r.extra is not null),
by_hand as (
  select target, list(k) as by_extra
    from (select target, k from said group by target, k having arg_max(by_id, row)) group by target)`
		aloneExtra = ", case when r.bateia_id is null or r.extra is null then []::varchar[] else json_keys(r.extra::json) end as by_extra"
		groupedExtra = ", coalesce((select x.by_extra from by_hand x where x.target = m.target), [])"
	}
	return fmt.Sprintf(`
create or replace table incoming as%s
select h.target%s%s, r.extra
  from heads h join rows r on r.row = h.first_row
 where h.rows = 1 and h.target < 0
union all
select m.target%s%s,
       list_reduce(list(r.extra::json order by r.row) filter (r.extra is not null), (x, y) -> json_merge_patch(x, y))::varchar
  from members m join heads h using (target) join rows r using (row)
 where h.rows > 1
 group by m.target;`, extras, alone.String(), aloneExtra, grouped.String(), groupedExtra)
}

// nameRow is the condition under which a row states a name at all.
func nameRow(fields []schemas.Field) string {
	var parts []string
	for _, f := range fields {
		if slices.Contains(nameFields, f.Name) {
			parts = append(parts, "r."+schemas.FieldColumn(f.Name)+" is not null")
		}
	}
	if parts == nil {
		return "false"
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// current writes what the base says of each prospect that the import touches:
// own_<field> is the survivor's own value, f_<field> the best one of all
// statements about the prospects that become one (joined_values, merges.go).
func current() string {
	var alone, own strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&alone, ", p.%[1]s as own_%[2]s, p.%[1]s", col, f.Name)
		fmt.Fprintf(&own, ", p.%[1]s, j.%[1]s", col)
	}
	return fmt.Sprintf(`
create or replace temp table nodes as
select h.target, n.node, n.prospect_id from heads h join base_nodes n on n.node = h.target
union all
select m.survivor, n.node, n.prospect_id from plan_merges m join base_nodes n on n.node = m.merged;

create or replace table current as
select n.target, 0 as merged%s, p.extra as own_extra, p.extra, p.ranks as own_ranks, p.ranks, p.list_ids, p.tag_ids
  from nodes n join base_prospects p using (prospect_id) anti join plan_merges m on m.survivor = n.target
union all
select n.target, l.merged%s, p.extra, j.extra, p.ranks, j.ranks, l.list_ids, l.tag_ids
  from nodes n join base_prospects p using (prospect_id) join joined_values j on j.target = n.target
       join (select n.target, count(*) - 1 as merged, coalesce(flatten(list(p.list_ids)), []) as list_ids, coalesce(flatten(list(p.tag_ids)), []) as tag_ids
               from nodes n semi join plan_merges m on m.survivor = n.target join base_prospects p using (prospect_id) group by n.target) l on l.target = n.target
 where n.node = n.target;

-- Two prospects that merge may hold the same statement: the older lead counts.
create or replace table base_leads as
select target, statement, min(lead_import) as lead_import, arg_min(lead_row, lead_import) as lead_row
  from (select n.target, unnest(p.lead_hashes) as statement, unnest(p.lead_imports) as lead_import, unnest(p.lead_rows) as lead_row
          from nodes n join base_prospects p using (prospect_id))
 group by target, statement;

drop table nodes;`, alone.String(), own.String())
}

// prospects makes the view plan_prospects: every prospect of the plan with its
// id, action, changed fields and values, for people who look at the plan.
func prospects(fields []schemas.Field) string {
	var row, grouped, updated strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&updated, ", %s", col)
		if slices.Contains(fields, f) {
			fmt.Fprintf(&row, ", r.%s", col)
			fmt.Fprintf(&grouped, ", i.%s", col)
		} else {
			fmt.Fprintf(&row, ", null::varchar as %s", col)
			fmt.Fprintf(&grouped, ", null::varchar")
		}
	}
	return fmt.Sprintf(`
create or replace view plan_prospects as
select prospect_of(h.target) as prospect_id, h.first_row, 'create' as action, []::varchar[] as changed, r.extra%s
  from heads h join rows r on r.row = h.first_row where h.target > 0 and h.rows = 1
union all
select prospect_of(h.target), h.first_row, 'create', []::varchar[], i.extra%s
  from heads h join incoming i using (target) where h.target > 0 and h.rows > 1
union all
select prospect_id, first_row, action, changed, extra%s from plan_updates;`, row.String(), grouped.String(), updated.String())
}
