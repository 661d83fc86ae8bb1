-- Prospects, read through aliases, of which an import said something.
-- $1 account, $2 import.
insert into history_touched
select distinct coalesce(a.survivor_id, t.prospect_id)
  from (select prospect_id from leads where account_id = $1 and import_id = $2
        union
        select l.prospect_id
          from seen_leads s join leads l on l.account_id = s.account_id and l.import_id = s.lead_import and l.row = s.lead_row
         where s.account_id = $1 and s.import_id = $2
        union
        select survivor_id from merges where account_id = $1 and import_id = $2) t
       left join aliases a on a.account_id = $1 and a.alias_id = t.prospect_id
    on conflict do nothing;
