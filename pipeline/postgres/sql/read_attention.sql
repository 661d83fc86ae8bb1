-- Imports of account $1 that somebody should look at, oldest first: held ones,
-- those that failed in the last week, and those that have made no end within $2.
select import_id, file_name, state, held, coalesce(code, ''), created_at
from bateia.imports
where account_id = $1
  and (state = 'ready' and held
       or state = 'failed' and finished_at > now() - interval '7 days'
       or state in ('received', 'planning', 'applying') and created_at < now() - $2::interval)
order by import_id
limit 100
