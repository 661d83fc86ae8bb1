-- Makes the datasets owed of imports of account $1 of which something else is true
-- since import $2 is applied, in the transaction that applies it: the one that it
-- took back, those whose refused rows it or that one took up (and the replays of
-- these, which have the same rows), those whose merges ended, and the ones in $3.
-- Returns them. Due for reconcile after $4.
with self as (
  select import_id, undo_of, redo_of, replay_of from bateia.imports where account_id = $1 and import_id = $2
), back as (
  select b.import_id, b.replay_of
  from self s join bateia.imports b on b.account_id = $1 and b.import_id = coalesce(s.undo_of, s.redo_of) and b.state = 'undone'
), roots as (
  select replay_of as import_id from self where replay_of is not null
  union
  select replay_of from back where replay_of is not null
  union
  select v.import_id from (select import_id from self union select import_id from back) s
    join bateia.resolutions v on v.account_id = $1 and v.resolved_by = s.import_id and v.taken
), touched as (
  select import_id from back
  union
  select import_id from roots
  union
  select i.import_id from roots r join bateia.imports i on i.account_id = $1 and i.replay_of = r.import_id
  union
  select import_id from bateia.merges where account_id = $1 and undone_at = now()
  union
  select unnest($3::bigint[])
)
insert into bateia.work as w (import_id, phase, account_id, not_before)
select t.import_id, 'datasets', $1, clock_timestamp() + $4::interval
from touched t join bateia.imports i on i.account_id = $1 and i.import_id = t.import_id
where t.import_id <> $2
order by t.import_id
on conflict (import_id, phase) do update
set state = 'owed', worker = null, lease_until = null, owed_since = clock_timestamp(), not_before = excluded.not_before
returning w.account_id, w.import_id, w.phase, w.sync
