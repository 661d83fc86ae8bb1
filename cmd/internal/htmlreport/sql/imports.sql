-- The newest imports of account $1 registered from $2 to before $3, at most $4.
select i.import_id, i.source_kind, i.source, i.file_name, i.list, i.state, i.held, i.code,
       i.rows_read, i.created, i.updated, i.unchanged, i.duplicate, i.rejected, i.skipped, i.conflict,
       i.created_at, i.seconds, i.undo_of, i.redo_of, i.replay_of
from report.imports i
where i.account = $1 and i.created_at >= $2 and i.created_at < $3
order by i.import_id desc
limit $4
