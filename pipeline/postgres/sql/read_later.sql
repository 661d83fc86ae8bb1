-- Whether an import of account $1 reads object ($2 bucket, $3 key, $4 version, $5
-- ETag) that is open or ended at or after $6.
select exists (
  select from bateia.imports
   where account_id = $1 and bucket = $2 and key = $3 and version_id = $4 and etag = $5 and (finished_at is null or finished_at >= $6))
