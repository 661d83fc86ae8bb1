-- Prospects of which an import that counts said again what the import said that
-- is taken back. The way from sightings to leads is set: after a large import the
-- planner knows nothing of the history yet. $1 account, $2 import.
insert into history_confirmed
select distinct coalesce(a.survivor_id, l.prospect_id)
  from (select distinct s.lead_row
          from seen_leads s
         where s.account_id = $1 and s.lead_import = $2 and s.import_id <> $2
           and s.import_id in (select import_id from imports where account_id = $1 and state = 'applied')) s
 cross join lateral (select prospect_id from leads x where x.account_id = $1 and x.import_id = $2 and x.row = s.lead_row offset 0) l
  left join aliases a on a.account_id = $1 and a.alias_id = l.prospect_id
