-- Up to $4 imports of account $1 that ended before $3 and have part $2 of their
-- history still, oldest first. What an open import may need of them stays.
select i.import_id, i.bucket, i.key, i.version_id, i.etag
  from bateia.imports i
 where i.account_id = $1 and i.finished_at < $3 and $2 <> all (i.expired)
 order by i.import_id
 limit $4
