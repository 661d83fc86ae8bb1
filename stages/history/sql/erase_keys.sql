-- The keys of the person: those that its prospects own, and $2. $1 account.
insert into erased_keys
select unnest(p.keys) from erased_ids e join prospects p on p.account_id = $1 and p.prospect_id = e.prospect_id
 union
select unnest($2::uuid[])
