-- Up to $3 imports of account $1 that ended longer than $2 ago and have stored plans
-- or pages of a sync, oldest first.
select i.import_id, coalesce(i.plan_prefix, '')
from bateia.imports i
where i.account_id = $1 and i.finished_at < now() - $2::interval
  and (i.plan_prefix is not null or exists (
    select from bateia.omie_cursors c where c.account_id = i.account_id and c.import_id = i.import_id))
order by i.import_id
limit $3
