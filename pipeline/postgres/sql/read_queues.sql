-- Jobs that are not over, by queue and state.
select queue, state::text, count(*)
from river.river_job
where state in ('available', 'running', 'retryable', 'scheduled')
group by 1, 2
