-- How often each stage ran for account $1, how long in all, over how many rows.
select stage, count(*), coalesce(sum(seconds), 0), coalesce(sum(rows), 0)::bigint
from bateia.import_stages
where account_id = $1 and finished_at is not null
group by stage
