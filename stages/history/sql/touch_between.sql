-- Adds to the touched prospects those whom leads lead to that stand between people: such
-- a lead is one's and says a value of another's, which joins the two when nobody is kept
-- apart any more. Imports warned of the rows that they kept so. $1 account, $2 imports
-- that kept people apart: what came before the first of them stands between nobody.
with flagged as (
  select i.import_id, i.row
    from issue_counts c join imports n on n.account_id = $1 and n.import_id = c.import_id and n.state = 'applied'
   cross join lateral (select import_id, row from issues x where x.account_id = $1 and x.import_id = c.import_id and x.code = c.code and x.field = 'document' offset 0) i
   where c.account_id = $1 and c.code = 'MATCH_CONFLICT'
     and n.applied_no > (select min(applied_no) from imports where account_id = $1 and import_id = any($2))
), homes as (
  select distinct coalesce(a.survivor_id, l.prospect_id) as home
    from flagged f
   cross join lateral (
      select prospect_id from leads x where x.account_id = $1 and x.import_id = f.import_id and x.row = f.row
      union all
      select l.prospect_id
        from (select lead_import, lead_row from seen_leads x where x.account_id = $1 and x.import_id = f.import_id and x.row = f.row offset 0) s
       cross join lateral (select prospect_id from leads x where x.account_id = $1 and x.import_id = s.lead_import and x.row = s.lead_row offset 0) l) l
    left join aliases a on a.account_id = $1 and a.alias_id = l.prospect_id
), says as (
  select distinct h.home, coalesce(a.survivor_id, i.prospect_id) as owner
    from homes h
   cross join lateral (select lead_imports, lead_rows from prospects x where x.account_id = $1 and x.prospect_id = h.home offset 0) p
   cross join lateral unnest(p.lead_imports, p.lead_rows) u (import_id, row)
   cross join lateral (select keys from leads x where x.account_id = $1 and x.import_id = u.import_id and x.row = u.row offset 0) l
   cross join lateral unnest(l.keys) k (key)
   cross join lateral (select prospect_id from identities x where x.account_id = $1 and x.key = k.key and x.joins offset 0) i
    left join aliases a on a.account_id = $1 and a.alias_id = i.prospect_id
   where coalesce(a.survivor_id, i.prospect_id) <> h.home
)
insert into history_touched
select home from says where owner in (select prospect_id from history_touched)
union
select owner from says where home in (select prospect_id from history_touched)
    on conflict do nothing
returning prospect_id
