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
		incoming(fields, m.Options.Blank == "clear"),
		current(),
		prospects(fields, m.Options),
		changes(),
	}
}

// incoming writes what the import says of each prospect. Where several rows
// speak, the latest non-empty value wins, except for identities, whose first
// one is the primary one. Only prospects with more than one row are grouped.
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
select m.target%s, r.extra
  from members m join heads h using (target) join rows r using (row)
 where h.rows = 1
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
// that merge into it filled its blanks, oldest first.
func current() string {
	var own, filled strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&own, ", max(p.%s) filter (p.prospect_id = n.target) as own_%s", col, f.Name)
		fmt.Fprintf(&filled, ", arg_min(p.%s, p.prospect_id) as %s", col, col)
	}
	return fmt.Sprintf(`
create or replace temp table nodes as
select distinct target, target as prospect_id from targets where not is_new
union
select survivor_id, merged_id from plan_merges;

create or replace table current as
select n.target, count(*) - 1 as merged%s%s,
       max(p.extra) filter (p.prospect_id = n.target) as own_extra,
       list_reduce(list(p.extra::json order by p.prospect_id desc) filter (p.extra is not null), (x, y) -> json_merge_patch(x, y))::varchar as extra,
       coalesce(flatten(list(p.list_ids)), []) as list_ids,
       coalesce(flatten(list(p.tag_ids)), []) as tag_ids
  from nodes n join base_prospects p using (prospect_id)
 group by n.target;

create or replace table base_leads as
select distinct n.target, unnest(p.lead_hashes) as statement from nodes n join base_prospects p using (prospect_id);

drop table nodes;`, own.String(), filled.String())
}

// prospects writes plan_prospects: the value of every field after the import,
// which fields change, and the action that follows.
func prospects(fields []schemas.Field, o schemas.Options) string {
	has := map[string]bool{}
	for _, f := range fields {
		has[f.Name] = true
	}
	var values, changed strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		value := "c." + col
		if has[f.Name] {
			value = winner("i."+col, "c."+col, f.Kind != 0, o)
		}
		fmt.Fprintf(&values, ", %s as %s", value, col)
		fmt.Fprintf(&changed, ", case when %s is distinct from own_%s then '%s' end", col, f.Name, f.Name)
	}
	return fmt.Sprintf(`
create or replace table plan_prospects as
with valued as (
  select h.target as prospect_id, h.first_row, h.rows, h.is_new, coalesce(c.merged, 0) as merged%s,
         case when i.extra is null then c.extra when c.extra is null then i.extra
              else json_merge_patch(c.extra::json, i.extra::json)::varchar end as extra,
         c.* exclude (target, merged, extra%s),
         coalesce(g.identities, 0) as identities
    from heads h join incoming i using (target) left join current c using (target) left join gained g on g.prospect_id = h.target),
compared as (
  select *, case when is_new then []::varchar[] else list_filter([
           case when coalesce(extra::json, '{}'::json) is distinct from coalesce(own_extra::json, '{}'::json) then 'extra' end
           %s,
           case when identities > 0 then 'identities' end,
           case when getvariable('list_id') <> 0 and not list_contains(list_ids, getvariable('list_id')) then 'lists' end,
           case when not list_has_all(tag_ids, getvariable('tag_ids')) then 'tags' end], x -> x is not null) end as changed
    from valued)
select *, case when is_new then 'create' when merged > 0 then 'merge' when len(changed) > 0 then 'update' else 'unchanged' end as action
  from compared;`, values.String(), exclude(), changed.String())
}

// exclude lists the columns of current that plan_prospects computes anew.
func exclude() string {
	var b strings.Builder
	for _, f := range schemas.ProspectColumns() {
		b.WriteString(", " + schemas.FieldColumn(f.Name))
	}
	return b.String()
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
		parts = append(parts, fmt.Sprintf("select prospect_id, '%s', own_%s, %s from touched where list_contains(changed, '%s')",
			f.Name, f.Name, schemas.FieldColumn(f.Name), f.Name))
	}
	return fmt.Sprintf(`
create or replace temp table touched as select * from plan_prospects where len(changed) > 0;
create or replace table plan_changes as
%s;
drop table touched;`, strings.Join(parts, "\nunion all\n"))
}
