-- Decisions of people that speak of nobody else. $1 account.
delete from decisions d
 where d.account_id = $1 and d.kind in ('merge', 'split', 'unmerge')
   and not exists (
     select from (values (d.subject ->> 'survivor'), (d.subject ->> 'new')) v (id)
      where id <> '' and id not in (select prospect_id from erased_ids))
   and not exists (
     select from jsonb_array_elements_text(coalesce(d.subject -> 'others', '[]') || coalesce(d.subject -> 'aliases', '[]')) n (id)
      where id not in (select prospect_id from erased_ids))
