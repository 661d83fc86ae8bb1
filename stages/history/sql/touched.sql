-- Prospects, read through aliases, of which an import said something. The way from
-- sightings to leads is set: after a large import the planner knows nothing of the
-- history yet. $1 account, $2 import.
insert into history_touched
select distinct coalesce(a.survivor_id, t.prospect_id)
  from (select distinct prospect_id from leads where account_id = $1 and import_id = $2
        union all
        select l.prospect_id
          from (select distinct lead_import, lead_row from seen_leads where account_id = $1 and import_id = $2 and lead_import <> $2) s
         cross join lateral (select prospect_id from leads x where x.account_id = $1 and x.import_id = s.lead_import and x.row = s.lead_row offset 0) l
        union all
        select survivor_id from merges where account_id = $1 and import_id = $2) t
       left join aliases a on a.account_id = $1 and a.alias_id = t.prospect_id
    on conflict do nothing
