-- The leads of the person: those of its prospects, and those of imports that count
-- no more which were written with one of its ids or carry one of its keys. $1 account.
insert into erased_leads
select distinct l.import_id, l.row
  from erased_ids e join prospects p on p.account_id = $1 and p.prospect_id = e.prospect_id
 cross join lateral unnest(p.lead_imports, p.lead_rows) as l(import_id, row)
 union
select l.import_id, l.row
  from leads l
 where l.account_id = $1 and l.import_id in (select import_id from imports where account_id = $1 and state <> 'applied')
   and (l.prospect_id in (select prospect_id from erased_ids) or l.keys && (select coalesce(array_agg(key), '{}') from erased_keys))
