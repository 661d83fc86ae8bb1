-- Imports of account $1 whose reports are written again: $2, and those whose results
-- lay in folders $3.
select import_id from bateia.imports
 where account_id = $1 and finished_at is not null and state <> 'undone'
   and (import_id = any ($2) or regexp_replace(result_key, '[^/]*$', '') = any ($3))
 order by 1
