-- Hashes of the person's names that identities of others remember, because they were
-- said with the same value. $1 account, $2 and $3 the range of the value's keys, $4
-- the hashes.
update identities set other_names = nullif(array(select n from unnest(other_names) n where n <> all ($4::bigint[])), '{}')
 where account_id = $1 and key between $2 and $3 and other_names && $4::bigint[]
