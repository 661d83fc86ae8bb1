-- Imports of account $1 that read an object read another one from here on: $2
-- bucket, $3 key, $4 version, $5 ETag; $6 to $11 key, version, ETag, size, time and
-- SHA-256 of the other one.
update bateia.imports
   set key = $6, version_id = $7, etag = $8, size = $9, modified = $10, sha256 = $11,
       facts = case when facts ? 'sha256' then jsonb_set(facts, '{sha256}', to_jsonb($11::text)) else facts end
 where account_id = $1 and bucket = $2 and key = $3 and version_id = $4 and etag = $5
