-- That a value is shared, when nobody has it any more. $1 account, $2 and $3 the
-- range of its keys, $4 their first half.
delete from shared_values
 where account_id = $1 and k1 = $4 and not exists (select from identities where account_id = $1 and key between $2 and $3)
