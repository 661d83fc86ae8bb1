-- The rows that applied imports of files in account $1 refuse to this day, by import,
-- newest first, and code; of import $2 unless that is 0.
select i.import_id, i.file_name, o.reason_code, count(*)
from bateia.imports i
cross join lateral bateia.open_refusals(i.account_id, i.import_id, '') o
where i.account_id = $1 and ($2::bigint = 0 or i.import_id = $2::bigint)
  and i.state = 'applied' and i.rejected > 0 and i.key <> '' and i.replay_of is null
group by i.import_id, i.file_name, o.reason_code
order by i.import_id desc, o.reason_code
