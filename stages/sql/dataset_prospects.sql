-- The prospects that an import that was just applied founded, as the dataset has
-- them: each at the row that founds it, whose number it has. :id is the import's id
-- as text, :no its place among what was applied, :now when it was registered; fields
-- are those of the row where the prospect has one, else what several rows say together.
--
-- The rows are read in their order, and everything else is looked up: sorting what
-- comes out would take as long again.
with own as (
  select list(name order by name) filter (kind = 'list') as lists, list(name order by name) filter (kind = 'tag' and everywhere) as tags
    from import_labels
), tagged as ( -- by rows
  select t.target, list(distinct n.name) as tags
    from (select target, unnest(tag_ids) as tag_id from prospect_tags) t
    join import_labels n on n.kind = 'tag' and n.label_id = t.tag_id
   group by t.target
)
select ':id', :no, 'created', null, prospect_of(r.row), {name}, {phone}, {email}, {document}, {company}, {city}, {state}, {country},
       o.lists, list_sort(list_distinct(list_concat(o.tags, t.tags))), {source}, {owner}, {status}, {lifecycle},
       coalesce(case when h.rows = 1 then r.extra else i.extra end, '{}'), case when h.rows = 1 then 1 else len(l.leads) // 2 end,
       make_timestamp(:now)::timestamptz, make_timestamp(:now)::timestamptz
  from rows r
  join heads h on h.target = r.row
  left join incoming i on i.target = h.target
  left join prospect_leads l on l.target = h.target
  left join owner_draws d on d.target = h.target
  left join tagged t on t.target = h.target
  cross join own o
