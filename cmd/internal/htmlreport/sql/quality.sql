-- One row per source and field over the imports of account $1 that count today,
-- registered from $2 to before $3: cells that were filled and that were loaded.
select i.source_kind, i.source, q.field, sum(i.rows_read)::bigint as rows_read,
       sum(q.filled)::bigint as filled, sum(q.valid)::bigint as valid
from report.quality q
join report.imports i on i.import_id = q.import_id
where q.account = $1 and q.state = 'applied' and q.created_at >= $2 and q.created_at < $3
  and i.account = $1 and i.state = 'applied' and i.created_at >= $2 and i.created_at < $3
group by i.source_kind, i.source, q.field
order by i.source_kind, i.source, q.field
