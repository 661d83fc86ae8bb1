-- $1 account.
delete from identities i
 using erased_keys k
 where i.account_id = $1 and i.key = k.key and i.prospect_id in (select prospect_id from erased_ids)
