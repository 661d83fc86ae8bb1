-- The newest run of each stage of import $1, in the order in which they began.
select distinct on (t.stage) t.stage, t.attempt, t.started_at, t.seconds, t.rows, t.bytes
from report.import_stages t
where t.import_id = $1
order by t.stage, t.attempt desc
