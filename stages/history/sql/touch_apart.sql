-- Adds to the touched prospects those, read through aliases, that people keep apart
-- from one of them. $1 account, $2 an import whose pairs are left out.
insert into history_touched
select distinct coalesce(o.survivor_id, p.other_id)
  from apart p
  left join aliases a on a.account_id = $1 and a.alias_id = p.prospect_id
  left join aliases o on o.account_id = $1 and o.alias_id = p.other_id
 where p.account_id = $1 and p.import_id <> $2
   and coalesce(a.survivor_id, p.prospect_id) in (select prospect_id from history_touched)
   and exists (select from prospects x where x.account_id = $1 and x.prospect_id = p.other_id)
    on conflict do nothing
