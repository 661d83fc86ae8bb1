-- Pairs that must not be joined. $1 account, $2 raw ids, $3 an import whose pairs
-- are left out.
select distinct prospect_id, other_id from apart
 where account_id = $1 and prospect_id = any($2) and other_id = any($2) and import_id <> $3
