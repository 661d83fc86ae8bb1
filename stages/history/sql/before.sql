-- Keeps rows of prospects as they are before they change. $1 account, $2 import.
insert into before_images (account_id, import_id, prospect_id, image)
select p.account_id, $2, p.prospect_id, to_jsonb(p)
  from prospects p where p.account_id = $1 and p.prospect_id in (select prospect_id from history_ids)
 order by p.prospect_id
    on conflict do nothing
