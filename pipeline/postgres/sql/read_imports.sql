-- Imports of account $1, newest first: the one with id $2, or when that is null
-- those in state $3, of list $4 (folded), of source name $5, registered since
-- $6, each of them null for any; at most $7. A held import counts as state held.
select i.import_id, s.kind, s.system, s.name, s.instance, i.file_name, i.list, i.requested_by, i.request::text,
       i.bucket, i.key, i.version_id, i.etag, i.size, i.modified,
       i.state, coalesce(i.code, ''), i.held, i.confirmed, i.facts::text,
       i.rows_read, i.created, i.updated, i.unchanged, i.duplicate, i.rejected, i.skipped, i.conflict, i.blank,
       i.prospects_created, i.prospects_updated, i.prospects_merged, i.errors, i.warnings,
       coalesce(i.plan_prefix, ''), coalesce(i.result_key, ''), coalesce(i.feedback_key, ''),
       coalesce(i.undo_of, 0), coalesce(i.redo_of, 0), coalesce(i.replay_of, 0),
       i.created_at, i.started_at, i.finished_at
from bateia.imports i
join bateia.sources s using (account_id, source_id)
where i.account_id = $1
  and ($2::bigint is null or i.import_id = $2)
  and ($3::text is null or i.state = $3 or ($3 = 'held' and i.held and i.state = 'ready'))
  and ($4::text is null or lower(i.list) = lower($4))
  and ($5::text is null or s.name = $5)
  and ($6::timestamptz is null or i.created_at >= $6)
order by i.import_id desc
limit $7
