-- The imports of account $1 that count today, registered from $2 to before $3, in
-- which rows became no lead.
select i.import_id
from report.imports i
where i.account = $1 and i.state = 'applied' and i.created_at >= $2 and i.created_at < $3
  and i.rejected + i.skipped + i.conflict > 0
order by i.import_id
