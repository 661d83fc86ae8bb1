-- The rows of an import that was just applied, as the dataset has them: nothing took
-- up those that it refused yet. :id is the import's id as text.
with told as (
  select row, list(distinct code order by code) as codes from issues where row is not null group by row)
select ':id', o.row, r.line, r.sheet_row, r.source_ref, o.outcome,
       case o.outcome when 'duplicate' then 'DUPLICATE_IN_FILE' when 'created' then 'CREATED' when 'updated' then 'UPDATED' when 'unchanged' then 'UNCHANGED'
            else o.reason end,
       coalesce(t.codes, case when o.outcome in ('rejected', 'skipped', 'conflict') then [o.reason] end),
       case when l.row is not null then ':id:' || l.row
            when s.row is not null then case when s.lead_import is null then ':id' else printf('%014x', s.lead_import) end || ':' || s.lead_row end,
       case when o.target > 0 then prospect_of(o.target) else n.prospect_id end,
       o.first_row, null
  from plan_outcomes o
  join rows r using (row)
  left join plan_leads l using (row)
  left join plan_seen s using (row)
  left join told t using (row)
  left join base_nodes n on n.node = o.target
