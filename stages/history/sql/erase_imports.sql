-- The imports that spoke of the person. $1 account.
select import_id from erased_rows
 union
select import_id from before_images where account_id = $1 and prospect_id in (select prospect_id from erased_ids)
 union
select import_id from merges where account_id = $1 and (survivor_id in (select prospect_id from erased_ids) or merged_id in (select prospect_id from erased_ids))
 order by 1
