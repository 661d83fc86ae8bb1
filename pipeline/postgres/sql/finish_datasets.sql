-- The files of import $2 of account $1 are those with datasets $3, keys $4, rows $5
-- and bytes $6, and no others.
with gone as (
  delete from bateia.dataset_files where account_id = $1 and import_id = $2 and not key = any ($4)
)
update bateia.dataset_files d set rows = f.rows, bytes = f.bytes
from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[]) as f (dataset, key, rows, bytes)
where d.account_id = $1 and d.import_id = $2 and d.dataset = f.dataset and d.key = f.key
