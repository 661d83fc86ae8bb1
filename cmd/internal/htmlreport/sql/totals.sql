-- Sums over the imports of account $1 that were registered in two periods: from $2
-- to before $3, and from $4 to before $5, which is "current". Rows and prospects are
-- those of imports that count today, as in view daily.
select i.created_at >= $4 as current,
       count(*) as imports,
       count(*) filter (where i.state = 'applied') as applied,
       coalesce(sum(i.rows_read) filter (where i.state = 'applied'), 0)::bigint as rows_read,
       coalesce(sum(i.duplicate) filter (where i.state = 'applied'), 0)::bigint as duplicate,
       coalesce(sum(i.rejected) filter (where i.state = 'applied'), 0)::bigint as rejected,
       coalesce(sum(i.prospects_created) filter (where i.state = 'applied'), 0)::bigint as prospects_created,
       coalesce(sum(i.prospects_updated) filter (where i.state = 'applied'), 0)::bigint as prospects_updated,
       coalesce(sum(i.prospects_merged) filter (where i.state = 'applied'), 0)::bigint as prospects_merged
from report.imports i
where i.account = $1
  and (i.created_at >= $2 and i.created_at < $3 or i.created_at >= $4 and i.created_at < $5)
group by 1
