-- One row per stage over the imports of account $1 registered from $2 to before $3:
-- runs that ended, their seconds, and the import of the longest one.
select t.stage, count(*) as runs, sum(t.seconds) as seconds,
       percentile_cont(0.5) within group (order by t.seconds) as median, max(t.seconds) as longest,
       (array_agg(t.import_id order by t.seconds desc, t.import_id))[1] as longest_import
from report.import_stages t
join report.imports i on i.import_id = t.import_id
where t.account = $1 and t.finished_at is not null and t.seconds is not null
  and i.account = $1 and i.created_at >= $2 and i.created_at < $3
group by t.stage
order by seconds desc, t.stage
