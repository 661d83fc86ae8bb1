-- An import as view report.imports has it, with its place among what was applied.
-- Parameters of all of dataset_*.sql, which COPY cannot take as such: :account and
-- :import are numbers, :id is the import's id as text. Columns are those of
-- schemas.Datasets, in their order.
select bateia.import_id_text(i.import_id), s.kind, s.system, coalesce(nullif(s.name, ''), nullif(s.instance, ''), s.system),
       case when i.key <> '' then 's3://' || i.bucket || '/' || i.key end, i.file_name, i.size, i.list, i.requested_by,
       i.state, i.held, i.code,
       i.rows_read, i.created, i.updated, i.unchanged, i.duplicate, i.rejected, i.skipped, i.conflict, i.blank,
       i.prospects_created, i.prospects_updated, i.prospects_merged, i.errors, i.warnings,
       i.created_at, i.started_at, i.finished_at, t.seconds, i.rows_read / nullif(t.seconds, 0),
       bateia.import_id_text(i.undo_of), bateia.import_id_text(i.redo_of), bateia.import_id_text(i.replay_of), i.applied_no, i.leads
  from bateia.imports i
  left join bateia.sources s using (account_id, source_id)
 cross join lateral (select extract(epoch from i.finished_at - i.started_at)::double precision as seconds) t
 where i.account_id = :account and i.import_id = :import
