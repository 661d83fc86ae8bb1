-- Imports of account $1 that erasure $2 has not looked through, with the objects
-- that they read, in their order.
select i.import_id, i.state, i.bucket, i.key, i.version_id, i.etag, i.size, i.modified, i.file_name,
       coalesce(i.request -> 'mapping' -> 'options', '{}')::text, i.request ? 'sync', coalesce(i.result_key, ''),
       coalesce(e.touched, false),
       coalesce((select array_agg(r.row order by r.row) from bateia.erasure_rows r
                  where r.account_id = $1 and r.erasure_id = $2 and r.import_id = i.import_id), '{}'),
       coalesce((select array_agg(r.byte_offset order by r.row) from bateia.erasure_rows r
                  where r.account_id = $1 and r.erasure_id = $2 and r.import_id = i.import_id), '{}'),
       coalesce((select array_agg(r.byte_length order by r.row) from bateia.erasure_rows r
                  where r.account_id = $1 and r.erasure_id = $2 and r.import_id = i.import_id), '{}')
  from bateia.imports i
  left join bateia.erasure_imports e on e.account_id = $1 and e.erasure_id = $2 and e.import_id = i.import_id
 where i.account_id = $1 and not coalesce(e.done, false) and not (i.request ? 'decision')
 order by i.import_id
