-- One row per source of account $1 with imports that count today, registered from
-- $2 to before $3: what repeated something, in its own file or the base. Imports
-- that people's decisions made have no rows and are left out.
select i.source_kind, i.source, count(*) as imports, sum(i.rows_read)::bigint as rows_read,
       sum(i.created)::bigint as created, sum(i.updated + i.unchanged)::bigint as known,
       sum(i.duplicate)::bigint as duplicate, sum(i.rejected)::bigint as rejected,
       sum(i.skipped + i.conflict)::bigint as aside, sum(i.prospects_merged)::bigint as merged
from report.imports i
where i.account = $1 and i.state = 'applied' and i.created_at >= $2 and i.created_at < $3 and i.source_kind <> 'manual'
group by i.source_kind, i.source
order by rows_read desc, i.source_kind, i.source
