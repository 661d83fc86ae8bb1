-- Notes the records of $5, a JSON array of {id, document_hash, inactive}, that
-- import $3 loaded through connection $2 of account $1 at $4.
insert into bateia.source_records as r (account_id, connection_id, record_id, document_hash, first_import, source_inactive_at)
select $1, $2, n.id, nullif(n.document_hash, 0), $3, case when n.inactive then $4::timestamptz end
  from jsonb_to_recordset($5) n (id bigint, document_hash bigint, inactive boolean)
 order by n.id
on conflict (account_id, connection_id, record_id) do update
   set document_hash = excluded.document_hash, source_gone_at = null, gone_import = null,
       source_inactive_at = case when excluded.source_inactive_at is null then null else coalesce(r.source_inactive_at, excluded.source_inactive_at) end
 where (r.document_hash, r.source_gone_at is null, r.source_inactive_at is null)
       is distinct from (excluded.document_hash, true, excluded.source_inactive_at is null)
