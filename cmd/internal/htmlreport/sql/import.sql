-- Import $1, with what became of its rows. Its prospects are counted by the ledger,
-- in which the first row of each is created, updated or unchanged, so that those of
-- an import that does not count are there too.
select i.import_id, i.account, i.source_kind, i.source, i.object, i.file_name, i.size, i.list, i.requested_by,
       i.state, i.held, i.code, i.rows_read, i.created, i.updated, i.unchanged, i.duplicate, i.rejected, i.skipped,
       i.conflict, i.blank, i.prospects_created, i.prospects_updated, i.prospects_merged, i.errors, i.warnings,
       i.created_at, i.started_at, i.finished_at, i.seconds, i.rows_per_second, i.undo_of, i.redo_of, i.replay_of,
       f.valid, f.leads, i.created + i.updated + i.unchanged as prospects
from report.imports i
join report.funnel f on f.import_id = i.import_id
where i.import_id = $1 and f.import_id = $1
