-- The two newest imports with ids from $1 to $2, of account $3, or of all
-- accounts when it is null. Reads the table of claims, which names no person
-- and has no row-level security. Columns: account_id, import_id.
select distinct account_id, import_id
from bateia.work
where import_id between $1 and $2 and ($3::int is null or account_id = $3)
order by import_id desc
limit 2
