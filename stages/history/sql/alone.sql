-- Of the touched prospects those that only one import ever spoke of: nothing
-- merged into them, they merged into nothing, and no import that counts said the
-- same again. They go with the import, and nobody needs to look at their leads.
-- $1 account, $2 import.
insert into history_gone
with confirmed as (
  select distinct coalesce(a.survivor_id, l.prospect_id) as prospect_id
    from seen_leads s
    join imports n on n.account_id = s.account_id and n.import_id = s.import_id and n.state = 'applied'
    join leads l on l.account_id = s.account_id and l.import_id = s.lead_import and l.row = s.lead_row
    left join aliases a on a.account_id = s.account_id and a.alias_id = l.prospect_id
   where s.account_id = $1 and s.lead_import = $2 and s.import_id <> $2)
select p.prospect_id
  from history_touched t join prospects p on p.account_id = $1 and p.prospect_id = t.prospect_id
 where $2 = all (p.lead_imports)
   and not exists (select from confirmed c where c.prospect_id = p.prospect_id)
   and not exists (select from aliases a where a.account_id = $1 and a.survivor_id = p.prospect_id);
