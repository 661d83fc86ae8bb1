-- Of the touched prospects those that only one import ever spoke of: nothing
-- merged into them, they merged into nothing, no import that counts said the same
-- again, and nobody keeps them apart from others. They go with the import, and
-- nobody needs to look at their leads.
-- $1 account, $2 import.
insert into history_gone
select p.prospect_id
  from history_touched t join prospects p on p.account_id = $1 and p.prospect_id = t.prospect_id
 where $2 = all (p.lead_imports)
   and not exists (select from history_confirmed c where c.prospect_id = t.prospect_id)
   and not exists (select from aliases a where a.account_id = $1 and a.survivor_id = t.prospect_id)
   and not exists (select from apart o where o.account_id = $1 and o.prospect_id = t.prospect_id)
