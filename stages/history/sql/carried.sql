-- Rows of an import that were written with certain prospects, and what the same rows of
-- another import became. $1 account, $2 the import, $3 the other one, $4 raw ids.
with said as (
  select row, prospect_id, import_id as lead_import, row as lead_row from leads where account_id = $1 and import_id = $2 and prospect_id = any($4)
  union all
  select s.row, l.prospect_id, s.lead_import, s.lead_row
    from seen_leads s cross join lateral (select prospect_id from leads x where x.account_id = $1 and x.import_id = s.lead_import and x.row = s.lead_row offset 0) l
   where s.account_id = $1 and s.import_id = $2 and l.prospect_id = any($4))
select s.row, s.prospect_id, s.lead_import, s.lead_row, n.prospect_id, n.import_id, n.row
  from said s cross join lateral (
       select l.prospect_id, l.import_id, l.row from leads l where l.account_id = $1 and l.import_id = $3 and l.row = s.row
       union all
       select l.prospect_id, l.import_id, l.row
         from seen_leads y join leads l on l.account_id = $1 and l.import_id = y.lead_import and l.row = y.lead_row
        where y.account_id = $1 and y.import_id = $3 and y.row = s.row
       offset 0) n
 order by s.row
