-- Remembers version $4 of the manifest $3 of bucket $2 for account $1.
-- Manifests stand among the drops, and became import 0: none.
insert into bateia.drops (account_id, bucket, key, version, import_id)
values ($1, $2, $3, $4, 0)
on conflict do nothing
