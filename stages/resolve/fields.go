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
func fieldScripts(filled []string, m schemas.Mapping) []string {
	fields := make([]schemas.Field, 0, len(filled))
	for _, f := range schemas.ProspectColumns() {
		if slices.Contains(filled, f.Name) {
			fields = append(fields, f)
		}
	}
	return []string{
		tagsOf(slices.Contains(filled, "tags")),
		incoming(fields, m.Options.Blank == "clear"),
		current(),
		updates(fields, m.Options),
		changes(),
		prospects(fields),
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
// one. Only prospects with more than one row are grouped.
func incoming(fields []schemas.Field, clear bool) string {
	var alone, grouped strings.Builder
	name := nameRow(fields)
	for _, f := range fields {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&alone, ", r.%s", col)
		switch {
		case f.Kind != 0:
			fmt.Fprintf(&grouped, ", arg_min(r.%s, r.row)", col)
		case slices.Contains(nameFields, f.Name):
			fmt.Fprintf(&grouped, ", arg_max_null(r.%s, case when %s then r.row end)", col, name)
		case clear:
			fmt.Fprintf(&grouped, ", arg_max_null(r.%s, r.row)", col)
		default:
			fmt.Fprintf(&grouped, ", arg_max(r.%s, r.row)", col)
		}
	}
	return fmt.Sprintf(`
create or replace table incoming as
select h.target%s, r.extra
  from heads h join rows r on r.row = h.first_row
 where h.rows = 1 and h.target < 0
union all
select m.target%s,
       list_reduce(list(r.extra::json order by r.row) filter (r.extra is not null), (x, y) -> json_merge_patch(x, y))::varchar
  from members m join heads h using (target) join rows r using (row)
 where h.rows > 1
 group by m.target;`, alone.String(), grouped.String())
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
// own_<field> is the survivor's own value, f_<field> the one after the others
// that merge into it filled its blanks, oldest first. Only survivors of a merge
// are grouped: an aggregate over every field of every prospect would not fit.
func current() string {
	var alone, own strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&alone, ", p.%[1]s as own_%[2]s, p.%[1]s", col, f.Name)
		fmt.Fprintf(&own, ", max(p.%[1]s) filter (n.node = n.target) as own_%[2]s, arg_min(p.%[1]s, n.node) as %[1]s", col, f.Name)
	}
	return fmt.Sprintf(`
create or replace temp table nodes as
select h.target, n.node, n.prospect_id from heads h join base_nodes n on n.node = h.target
union all
select m.survivor, n.node, n.prospect_id from plan_merges m join base_nodes n on n.node = m.merged;

create or replace table current as
select n.target, 0 as merged%s, p.extra as own_extra, p.extra, p.list_ids, p.tag_ids
  from nodes n join base_prospects p using (prospect_id) anti join plan_merges m on m.survivor = n.target
union all
select n.target, count(*) - 1%s,
       max(p.extra) filter (n.node = n.target),
       list_reduce(list(p.extra::json order by n.node desc) filter (p.extra is not null), (x, y) -> json_merge_patch(x, y))::varchar,
       coalesce(flatten(list(p.list_ids)), []),
       coalesce(flatten(list(p.tag_ids)), [])
  from nodes n semi join plan_merges m on m.survivor = n.target join base_prospects p using (prospect_id)
 group by n.target;

-- Two prospects that merge may hold the same statement: the older lead counts.
create or replace table base_leads as
select target, statement, min(lead_import) as lead_import, arg_min(lead_row, lead_import) as lead_row
  from (select n.target, unnest(p.lead_hashes) as statement, unnest(p.lead_imports) as lead_import, unnest(p.lead_rows) as lead_row
          from nodes n join base_prospects p using (prospect_id))
 group by target, statement;

drop table nodes;`, alone.String(), own.String())
}

// updates writes plan_updates: of each prospect that exists the value of every
// field after the import, which fields change, and the action that follows.
func updates(fields []schemas.Field, o schemas.Options) string {
	has := map[string]bool{}
	for _, f := range fields {
		has[f.Name] = true
	}
	var values, exclude, changed strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		value := "c." + col
		if has[f.Name] {
			value = winner("i."+col, "c."+col, f.Kind != 0, o)
		}
		fmt.Fprintf(&values, ", %s as %s", value, col)
		fmt.Fprintf(&exclude, ", %s", col)
		fmt.Fprintf(&changed, ", case when %s is distinct from own_%s then '%s' end", col, f.Name, f.Name)
	}
	return fmt.Sprintf(`
create or replace table plan_updates as
with gained as (select target, count(*) as identities from plan_identities where target < 0 group by target),
tagged as (select t.target, list(distinct n.tag_id) as tag_ids from plan_tags t join tag_names n using (folded) where t.target < 0 group by t.target),
valued as (
  select h.target, n.prospect_id, h.first_row, c.merged%s,
         case when i.extra is null then c.extra when c.extra is null then i.extra
              else json_merge_patch(c.extra::json, i.extra::json)::varchar end as extra,
         c.* exclude (target, merged, extra%s),
         coalesce(g.identities, 0) as identities, getvariable('tag_ids') || coalesce(t.tag_ids, []) as wanted_tags
    from heads h join base_nodes n on n.node = h.target join incoming i using (target) join current c using (target) left join gained g using (target)
         left join tagged t using (target)),
compared as (
  select *, list_filter([
           case when extra is not null and entries(extra) is distinct from entries(coalesce(own_extra, '{}')) then 'extra' end
           %s,
           case when identities > 0 then 'identities' end,
           case when getvariable('list_id') <> 0 and not list_contains(list_ids, getvariable('list_id')) then 'lists' end,
           case when not list_has_all(tag_ids, wanted_tags) then 'tags' end], x -> x is not null) as changed
    from valued)
select *, case when merged > 0 then 'merge' when len(changed) > 0 then 'update' else 'unchanged' end as action
  from compared;`, values.String(), exclude.String(), changed.String())
}

// winner is the survivorship of one field between the import and the base. An
// upload outranks another upload, so its latest value wins; a blank cell keeps
// unless the import asked to clear.
func winner(incoming, base string, identity bool, o schemas.Options) string {
	switch {
	case identity, o.Survivorship == "existing_wins", o.Survivorship == "fill_only":
		return fmt.Sprintf("coalesce(%s, %s)", base, incoming)
	case o.Blank == "clear":
		return incoming
	}
	return fmt.Sprintf("coalesce(%s, %s)", incoming, base)
}

// changes writes plan_changes, one row for each field that an import changes on
// a prospect that exists, for people who look at the plan and for the check that
// a confirmed plan still holds.
func changes() string {
	parts := []string{"select prospect_id, 'extra' as field, own_extra as old, extra as new from touched where list_contains(changed, 'extra')"}
	for _, f := range schemas.ProspectColumns() {
		parts = append(parts, fmt.Sprintf("select prospect_id, '%[1]s', own_%[1]s, %[2]s from touched where list_contains(changed, '%[1]s')",
			f.Name, schemas.FieldColumn(f.Name)))
	}
	return fmt.Sprintf(`
create or replace temp table touched as select * from plan_updates where len(changed) > 0;
create or replace table plan_changes as
%s;
drop table touched;`, strings.Join(parts, "\nunion all\n"))
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
