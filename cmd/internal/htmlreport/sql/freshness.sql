-- One row per source of account $1 that is read or was ever imported from, with its
-- connection when it has one: what came last, whenever that was.
select coalesce(s.source_kind, 'omie') as source_kind, coalesce(s.source, c.source) as source,
       s.last_import_at, s.last_applied_at, s.seconds_since_applied as seconds_since,
       c.state as connection_state, c.code, c.every, c.created_at as connected_at,
       c.last_success_at, c.next_run_at, c.seconds_since_success
from (select * from report.sources where account = $1 and source_kind <> 'manual') s
full join (select * from report.connections where account = $1) c on s.source_kind = 'omie' and s.source = c.source
order by c.source is null, s.last_applied_at desc nulls last, 2
