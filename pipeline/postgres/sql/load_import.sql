-- One import (account $1, id $2) as a run needs it.
select s.kind, s.system, s.name, s.instance,
       i.file_name, i.request::text,
       i.bucket, i.key, i.version_id, i.etag, i.size, i.modified,
       i.state, coalesce(i.code, ''), i.held, i.confirmed, i.base_version,
       coalesce(i.plan_prefix, ''), coalesce(i.plan_sha256, ''),
       i.facts::text, i.created_at, coalesce(i.undo_of, 0), coalesce(i.redo_of, 0), coalesce(i.replay_of, 0)
from bateia.imports i
join bateia.sources s using (account_id, source_id)
where i.account_id = $1 and i.import_id = $2
