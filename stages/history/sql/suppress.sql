-- Puts keyed hashes on the list. $1 account, $2 secret key, $3 hashes, $4 erasure.
insert into suppressions (account_id, key_id, hash, erasure_id)
select $1, $2, hash, $4 from unnest($3::bytea[]) hash order by hash
    on conflict do nothing
