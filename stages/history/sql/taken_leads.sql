-- Gives prospects the leads of history_homes. $1 account, $2 import, $3 rows.
with gained as (
  select coalesce(a.survivor_id, h.prospect_id) as prospect_id, array_agg(h.import_id order by h.row) as imports, array_agg(h.row order by h.row) as rows, array_agg(h.statement order by h.row) as hashes
    from history_homes h left join aliases a on a.account_id = $1 and a.alias_id = h.prospect_id
   where h.import_id = $2 and h.row = any($3)
   group by 1)
update prospects p set lead_imports = p.lead_imports || g.imports, lead_rows = p.lead_rows || g.rows, lead_hashes = p.lead_hashes || g.hashes
  from gained g
 where p.account_id = $1 and p.prospect_id = g.prospect_id
