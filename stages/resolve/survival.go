package resolve

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/schemas/survivorship"
)

// survival makes the SQL by which the values of an import win or lose against
// those of the base. What it says is what survivorship.Fold says, import by
// import; the recomputation after an undo holds the two together.
type survival struct {
	fields []schemas.Field // those that the import fills
	rule   string          // Options.Survivorship
	clear  bool            // blank cells clear
	rank   int             // of the import's source
	byID   bool            // some rows name their prospect by id
	ranked bool            // ranks above the lowest are in play
	prior  bool            // of a source that sends whole records only changes count
}

// survivalOf asks the workset which of the rules can matter.
func survivalOf(ctx context.Context, run *pipeline.Run) (survival, error) {
	o := run.Request.Mapping.Options
	s := survival{rule: o.Survivorship, clear: o.Blank == "clear", rank: run.Account.Settings.Rank(run.Source.Kind), prior: survivorship.WholeRecords(run.Source.Kind)}
	var ranked bool
	_, err := run.Workset.Scan(ctx, `
select exists (select 1 from rows where bateia_id is not null and status = ''),
       exists (select 1 from base_prospects where ranks is not null) or exists (select 1 from joined_values where ranks is not null)`, nil, &s.byID, &ranked)
	s.ranked = ranked || s.byID || s.rank > 1
	return s, err
}

// updates writes plan_updates: of each prospect that exists the value of every
// field after the import, which fields change, and the action that follows.
func (s survival) updates() string {
	var values, exclude, changed strings.Builder
	for _, f := range schemas.ProspectColumns() {
		col := schemas.FieldColumn(f.Name)
		fmt.Fprintf(&values, ", %s as %s", s.value(f), col)
		fmt.Fprintf(&exclude, ", %s", col)
		fmt.Fprintf(&changed, ", case when %s is distinct from own_%s then '%s' end", col, f.Name, f.Name)
	}
	prior, offered := "", "select * from incoming"
	if s.prior {
		prior = "left join said_before s using (target)"
		offered = `select i.* replace (nullif(to_json(map_from_entries(list_transform(
             list_filter(json_keys(i.extra::json), k -> (i.extra::json -> k) is distinct from (s.extra::json -> k)),
             k -> {'k': k, 'v': i.extra::json -> k})))::varchar, '{}') as extra)
    from incoming i left join said_before s using (target)`
	}
	return fmt.Sprintf(`
create or replace table said_before as
select * from source_said s anti join plan_merges m on m.merged = s.target or m.survivor = s.target
union all
select * from joined_said;

create or replace table plan_updates as
with offered as (%s),
gained as (select target, count(*) as identities from plan_identities where target < 0 group by target),
tagged as (select t.target, list(distinct n.tag_id) as tag_ids from plan_tags t join tag_names n using (folded) where t.target < 0 group by t.target),
valued as (
  select h.target, n.prospect_id, h.first_row, c.merged%s, %s as extra, %s as ranks,
         c.* exclude (target, merged, extra, ranks%s),
         coalesce(g.identities, 0) as identities, getvariable('tag_ids') || coalesce(t.tag_ids, []) as wanted_tags
    from heads h join base_nodes n on n.node = h.target join offered i using (target) join current c using (target) left join gained g using (target)
         left join tagged t using (target) %s),
compared as (
  select *, list_filter([
           case when extra is not null and entries(extra) is distinct from entries(coalesce(own_extra, '{}')) then 'extra' end
           %s,
           case when identities > 0 then 'identities' end,
           case when getvariable('list_id') <> 0 and not list_contains(list_ids, getvariable('list_id')) then 'lists' end,
           case when not list_has_all(tag_ids, wanted_tags) then 'tags' end], x -> x is not null) as changed
    from valued)
select *, case when merged > 0 then 'merge' when len(changed) > 0 then 'update' else 'unchanged' end as action,
       coalesce(entries(ranks) is distinct from entries(own_ranks), false) as reranked
  from compared;`, offered, values.String(), s.extra(), s.ranks(), exclude.String(), prior, changed.String())
}

func (s survival) has(name string) bool {
	return slices.ContainsFunc(s.fields, func(f schemas.Field) bool { return f.Name == name })
}

// offered is what the import says of a field, "null" when it does not fill it.
func (s survival) offered(name string) string {
	col := schemas.FieldColumn(name)
	switch {
	case !s.has(name):
		return "null"
	case s.prior:
		return fmt.Sprintf("(case when i.%[1]s is distinct from s.%[1]s then i.%[1]s end)", col)
	}
	return "i." + col
}

// changed is the condition under which a blank cell says something: always, but
// of a source that sends whole records only where it was not blank before.
func (s survival) changed(name string) string {
	if !s.prior {
		return "true"
	}
	return fmt.Sprintf("(s.target is null or i.%[1]s is distinct from s.%[1]s)", schemas.FieldColumn(name))
}

// importRank is the rank of what an import says of a field: an edit by hand,
// which names the prospect, counts as much as the ERP.
func (s survival) importRank(name string) string {
	if !s.byID || !s.has(name) && name != "name" {
		return strconv.Itoa(s.rank)
	}
	return fmt.Sprintf("(case when i.by_%s then %d else %d end)", name, max(survivorship.ManualRank, s.rank), s.rank)
}

// extraRank is importRank of the extra field k: by_extra lists those that a row
// by id said last.
func (s survival) extraRank() string {
	if !s.byID {
		return strconv.Itoa(s.rank)
	}
	return fmt.Sprintf("(case when list_contains(i.by_extra, k) then %d else %d end)", max(survivorship.ManualRank, s.rank), s.rank)
}

// baseRank is the rank of the value that the base has.
func (s survival) baseRank(name string) string {
	return fmt.Sprintf("coalesce((c.ranks ->> '%s')::integer, 1)", name)
}

// fills reports whether the rule only fills what is blank.
func (s survival) fills() bool { return s.rule == "existing_wins" || s.rule == "fill_only" }

// wins is the condition under which the import's value of a field becomes the
// prospect's.
func (s survival) wins(f schemas.Field) string {
	if slices.Contains(nameFields, f.Name) {
		return s.nameWins()
	}
	offered, base := s.offered(f.Name), "c."+schemas.FieldColumn(f.Name)
	stated := offered + " is not null"
	switch {
	case !s.has(f.Name):
		return "false"
	case f.Kind != 0:
		if s.byID {
			return fmt.Sprintf("(%s and (%s is null or i.by_%s))", stated, base, f.Name)
		}
		return fmt.Sprintf("(%s and %s is null)", stated, base)
	case s.fills():
		return fmt.Sprintf("(%s and %s is null)", stated, base)
	case s.clear:
		stated = s.changed(f.Name)
	}
	if f.Name == "owner" {
		// Whoever has an owner keeps it; a turn is drawn for the others only.
		stated = fmt.Sprintf("(%s and (%s is null or not starts_with(coalesce(%s, ''), '%s')))", stated, base, offered, schemas.DistributionPrefix)
	}
	if s.rule == "incoming_wins" || !s.ranked {
		return stated
	}
	return fmt.Sprintf("(%s and (%s is null or %s >= %s))", stated, base, s.importRank(f.Name), s.baseRank(f.Name))
}

// nameWins is wins of the name, which wins or loses as a whole.
func (s survival) nameWins() string {
	var stated, blank []string
	for _, name := range nameFields {
		if s.has(name) {
			stated = append(stated, s.offered(name)+" is not null")
		}
		blank = append(blank, "c."+schemas.FieldColumn(name)+" is null")
	}
	if stated == nil {
		return "false"
	}
	said, none := "("+strings.Join(stated, " or ")+")", "("+strings.Join(blank, " and ")+")"
	switch {
	case s.fills():
		return "(" + said + " and " + none + ")"
	case s.clear:
		var parts []string
		for _, name := range nameFields {
			if s.has(name) {
				parts = append(parts, s.changed(name))
			}
		}
		said = "(" + strings.Join(parts, " or ") + ")"
	}
	if s.rule == "incoming_wins" || !s.ranked {
		return said
	}
	return fmt.Sprintf("(%s and (%s or %s >= %s))", said, none, s.importRank("name"), s.baseRank("name"))
}

// value is the best value of a field after the import.
func (s survival) value(f schemas.Field) string {
	base := "c." + schemas.FieldColumn(f.Name)
	wins := s.wins(f)
	if wins == "false" {
		return base
	}
	if s.prior && s.has(f.Name) {
		// What wins is a change; a name that changed is taken with the parts that did
		// not.
		return fmt.Sprintf("case when %s then i.%s else %s end", wins, schemas.FieldColumn(f.Name), base)
	}
	return fmt.Sprintf("case when %s then %s else %s end", wins, s.offered(f.Name), base)
}

// extra is the extra fields after the import: key by key like other fields.
func (s survival) extra() string {
	merged := "json_merge_patch(c.extra::json, i.extra::json)"
	switch {
	case s.fills():
		merged = "json_merge_patch(i.extra::json, c.extra::json)"
	case s.ranked && s.rule != "incoming_wins":
		merged = fmt.Sprintf("json_merge_patch(%s, to_json(map_from_entries(list_transform(%s, k -> {'k': k, 'v': c.extra::json -> k}))))", merged, s.losing())
	}
	return fmt.Sprintf("case when i.extra is null then c.extra when c.extra is null then i.extra else %s::varchar end", merged)
}

// losing lists the extra fields in which the base outranks the import.
func (s survival) losing() string {
	return fmt.Sprintf("list_filter(json_keys(i.extra::json), k -> (c.extra::json -> k) is not null and coalesce((c.ranks ->> ('extra.' || k))::integer, 1) > %s)", s.extraRank())
}

// ranks is the rank of each value after the import, where it is above the
// lowest, as JSON.
func (s survival) ranks() string {
	if !s.ranked {
		return "c.ranks"
	}
	var list []string
	for _, f := range schemas.ProspectColumns() {
		said := "i." + schemas.FieldColumn(f.Name)
		switch {
		case f.Kind != 0 || slices.Contains(nameFields[1:], f.Name):
			continue // identities have no rank, the name has one as a whole
		case f.Name == nameFields[0]:
			said = s.anyName("i")
		case !s.has(f.Name):
			said = "null"
		}
		list = append(list, fmt.Sprintf("{'k': '%s', 'v': case when not %s then %s when %s is null then 0 else %s end}",
			f.Name, s.wins(f), s.baseRank(f.Name), said, s.importRank(f.Name)))
	}
	extra := fmt.Sprintf(`list_concat(
           list_transform(list_filter(json_keys(coalesce(c.extra, '{}')::json), k -> coalesce(not list_contains(%[1]s, k), true)),
                          k -> {'k': 'extra.' || k, 'v': coalesce((c.ranks ->> ('extra.' || k))::integer, 1)}),
           list_transform(%[1]s, k -> {'k': 'extra.' || k, 'v': %[2]s}))`, s.winning(), s.extraRank())
	return rankObject(fmt.Sprintf("list_concat([%s], %s)", strings.Join(list, ", "), extra))
}

// winning lists the extra fields in which the import wins.
func (s survival) winning() string {
	keys := "json_keys(coalesce(i.extra, '{}')::json)"
	switch {
	case s.fills():
		return fmt.Sprintf("list_filter(%s, k -> coalesce((c.extra::json -> k) is null, true))", keys)
	case s.rule == "incoming_wins":
		return keys
	}
	return fmt.Sprintf("list_filter(%s, k -> coalesce((c.extra::json -> k) is null, true) or coalesce((c.ranks ->> ('extra.' || k))::integer, 1) <= %s)", keys, s.extraRank())
}

// anyName is the name, or a part of it, that a table of the import's values
// states.
func (s survival) anyName(alias string) string {
	parts := []string{"null"}
	for _, name := range nameFields {
		if s.has(name) {
			parts = append(parts, alias+"."+schemas.FieldColumn(name))
		}
	}
	return "coalesce(" + strings.Join(parts, ", ") + ")"
}

// rankObject makes the JSON object of the entries above the lowest rank, null
// without any.
func rankObject(entries string) string { return "rank_object(" + entries + ")" }

// foundingRanks writes plan_ranks, the ranks of the prospects that an import of
// a higher source founds.
func (s survival) foundingRanks() string {
	if s.rank <= 1 {
		return "create or replace table plan_ranks (target bigint, ranks varchar);"
	}
	list := func(alias string) string {
		var parts []string
		for _, f := range s.fields {
			said := alias + "." + schemas.FieldColumn(f.Name)
			if f.Kind != 0 || slices.Contains(nameFields, f.Name) {
				continue
			}
			parts = append(parts, fmt.Sprintf("{'k': '%s', 'v': case when %s is null then 0 else %d end}", f.Name, said, s.rank))
		}
		parts = append(parts, fmt.Sprintf("{'k': 'name', 'v': case when %s is null then 0 else %d end}", s.anyName(alias), s.rank))
		return rankObject(fmt.Sprintf("list_concat([%s], list_transform(json_keys(coalesce(%s.extra, '{}')::json), k -> {'k': 'extra.' || k, 'v': %d}))",
			strings.Join(parts, ", "), alias, s.rank))
	}
	return fmt.Sprintf(`
create or replace table plan_ranks as
select h.target, %s as ranks from heads h join rows r on r.row = h.first_row where h.target > 0 and h.rows = 1
union all
select h.target, %s from heads h join incoming i using (target) where h.target > 0 and h.rows > 1;`, list("r"), list("i"))
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
