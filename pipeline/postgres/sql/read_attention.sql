-- Imports of account $1 that somebody should look at, by their file or connection,
-- oldest first: held ones,
-- those that failed in the last week, and those that have made no end within $2.
select import_id, case when request ? 'sync' then s.name else file_name end, state, held, coalesce(code, ''), i.created_at
from bateia.imports i
join bateia.sources s using (account_id, source_id)
where account_id = $1
  and (state = 'ready' and held
       or state = 'failed' and finished_at > now() - interval '7 days'
       or state in ('received', 'planning', 'applying') and i.created_at < now() - $2::interval)
order by import_id
limit 100
