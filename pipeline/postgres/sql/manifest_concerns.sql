-- Drops of account $1 in bucket $2 with keys from $3 to $4 that are not applied,
-- or were registered within $5: id, key, version id, state, request.
select i.import_id, i.key, i.version_id, i.state, i.request::text
from bateia.imports i
where i.account_id = $1 and i.bucket = $2
  and i.import_id in (
    select d.import_id from bateia.drops d
    where d.account_id = $1 and d.bucket = $2 and d.key between $3 and $4 and d.import_id > 0)
  and ((i.state in ('received', 'planning', 'ready') and not i.confirmed)
    or (i.state = 'applied' and i.created_at > now() - $5::interval))
order by i.import_id
