-- Registers imports of account $1 from the JSON array $2 (type registerRow).
-- Promises: a drop whose version is known under its first name adds nothing; the
-- others get an id, their import, the phase that is owed and an event, all or
-- none. Returns (ord, import_id) of those that were made. The work is due for
-- reconcile only after ten seconds, because the caller inserts its job itself.
with input as materialized (
  select t.*, coalesce(t.id, bateia.new_import_id()) as import_id
  from jsonb_to_recordset($2) as t(
    ord int, id bigint, source_id int, file_name text, list text, requested_by text, request jsonb,
    bucket text, key text, version_id text, etag text, size bigint, modified timestamptz,
    versions text[], code text, facts jsonb, undo_of bigint, redo_of bigint, replay_of bigint)
  order by t.ord
), seen as (
  insert into bateia.drops (account_id, bucket, key, version, import_id)
  select $1, bucket, key, versions[1], import_id from input
  where versions is not null
  order by bucket, key, versions[1]
  on conflict do nothing
  returning import_id
), fresh as (
  select * from input
  where versions is null or import_id in (select import_id from seen)
), others as ( -- the same drop under its other names, also when only those are new
  insert into bateia.drops (account_id, bucket, key, version, import_id)
  select $1, i.bucket, i.key, v.version, coalesce(f.import_id, d.import_id)
  from input i
  left join fresh f on f.ord = i.ord
  left join lateral (
    select import_id from bateia.drops
    where f.ord is null and account_id = $1 and bucket = i.bucket and key = i.key and version = i.versions[1]
    limit 1
  ) d on true
  cross join unnest(i.versions[2:]) as v(version)
  where cardinality(i.versions) > 1 and coalesce(f.import_id, d.import_id) is not null
  order by i.bucket, i.key, v.version
  on conflict do nothing
), made as (
  insert into bateia.imports (account_id, import_id, source_id, file_name, list, requested_by, request,
    bucket, key, version_id, etag, size, modified, state, code, facts, errors, finished_at, undo_of, redo_of, replay_of)
  select $1, import_id, source_id, file_name, list, requested_by, request,
    bucket, key, version_id, etag, size, modified,
    case when code is null then 'received' else 'rejected' end, code,
    facts, (code is not null)::int, case when code is not null then now() end, undo_of, redo_of, replay_of
  from fresh
  returning import_id, state, request
), owed as (
  insert into bateia.work (import_id, phase, account_id, not_before, sync)
  select import_id, case state when 'received' then 'plan' else 'report' end, $1, now() + interval '10 seconds', request ? 'sync'
  from made
  union all
  select import_id, 'datasets', $1, now() + interval '10 seconds', false from made where state <> 'received'
), counted as (
  insert into bateia.issue_counts (account_id, import_id, code, severity, rows)
  select $1, import_id, code, 'error', 1 from fresh where code is not null
), explained as (
  insert into bateia.issues (account_id, import_id, seq, severity, code)
  select $1, import_id, 1, 'error', code from fresh where code is not null
), told as (
  insert into bateia.events (account_id, import_id, kind)
  select $1, import_id, 'import.' || state from made
)
select ord, import_id from fresh
