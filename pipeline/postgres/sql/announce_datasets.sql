-- Notes that the files with datasets $3 and keys $4 of import $2 of account $1 are
-- about to be written. Returns those that it has beside them.
with announced as (
  insert into bateia.dataset_files (account_id, import_id, dataset, key)
  select $1, $2, f.dataset, f.key from unnest($3::text[], $4::text[]) as f (dataset, key)
  on conflict do nothing
)
select dataset, key, coalesce(rows, 0), coalesce(bytes, 0) from bateia.dataset_files
where account_id = $1 and import_id = $2 and not key = any ($4)
order by dataset, key
