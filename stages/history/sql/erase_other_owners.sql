-- Whether a value is somebody else's too. $1 account, $2 and $3 the range of its keys.
select exists (select from identities where account_id = $1 and key between $2 and $3 and prospect_id not in (select prospect_id from erased_ids))
