-- Up to $3 stored plans of account $1 whose import ended longer than $2 ago,
-- oldest first.
select import_id, plan_prefix
from bateia.imports
where account_id = $1 and plan_prefix is not null and finished_at < now() - $2::interval
order by import_id
limit $3
