-- Imports of account $1 by state, held ones apart, and when the oldest one came.
select case when held and state = 'ready' then 'held' else state end, count(*), min(created_at)
from bateia.imports
where account_id = $1
group by 1
