-- Takes hashes $2 off the list of account $1, with all that the same erasures put
-- there.
delete from bateia.suppressions
 where account_id = $1
   and erasure_id in (select erasure_id from bateia.suppressions where account_id = $1 and hash = any ($2))
