-- Rows of an import that were written with certain prospects, and what the same rows of
-- another import became. $1 account, $2 the import, $3 the other one, $4 raw ids. What
-- the import said again of leads of others is found from those prospects, not by way of
-- everything that it said.
with own as (
  select row, prospect_id from leads where account_id = $1 and import_id = $2 and prospect_id = any($4)
), others as (
  select distinct l.import_id, l.row, l.prospect_id
    from unnest($4::text[]) u (id)
    left join aliases a on a.account_id = $1 and a.alias_id = u.id
    join prospects p on p.account_id = $1 and p.prospect_id = coalesce(a.survivor_id, u.id)
   cross join lateral unnest(p.lead_imports, p.lead_rows) x (import_id, row)
   cross join lateral (select * from leads y where y.account_id = $1 and y.import_id = x.import_id and y.row = x.row offset 0) l
   where l.import_id <> $2 and l.prospect_id = any($4)
), said as (
  select row, prospect_id, $2 as lead_import, row as lead_row from own
  union all
  select s.row, o.prospect_id, $2, o.row
    from own o cross join lateral (select row from seen_leads y where y.account_id = $1 and y.lead_import = $2 and y.lead_row = o.row and y.import_id = $2 offset 0) s
  union all
  select s.row, o.prospect_id, o.import_id, o.row
    from others o cross join lateral (select row from seen_leads y where y.account_id = $1 and y.lead_import = o.import_id and y.lead_row = o.row and y.import_id = $2 offset 0) s
), now as (
  select l.row as said_row, l.prospect_id, l.import_id, l.row
    from leads l where l.account_id = $1 and l.import_id = $3 and l.row in (select row from said)
  union all
  select y.row, l.prospect_id, l.import_id, l.row
    from (select row, lead_import, lead_row from seen_leads where account_id = $1 and import_id = $3 and row in (select row from said)) y
   cross join lateral (select * from leads x where x.account_id = $1 and x.import_id = y.lead_import and x.row = y.lead_row offset 0) l
)
select s.row, s.prospect_id, s.lead_import, s.lead_row, n.prospect_id, n.import_id, n.row
  from said s join now n on n.said_row = s.row
 order by s.row
