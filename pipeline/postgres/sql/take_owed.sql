-- Up to $1 phases that are due, have no living holder and no job waiting in
-- River, oldest first; they are due again after $2. A job that is `running` does
-- not count: its process may be dead, and the claim decides anyway.
with due as (
  select import_id, phase from bateia.work w
  where state <> 'done' and not_before <= clock_timestamp()
    and (state = 'owed' or lease_until < clock_timestamp())
    and not exists (
      select from river.river_job j
      where (j.kind = w.phase || '_import' or j.kind = 'sync_omie' and w.phase = 'plan' or j.kind = 'write_datasets' and w.phase = 'datasets') and j.state in ('available', 'retryable', 'scheduled', 'pending')
        and j.args @> jsonb_build_object('import_id', bateia.import_id_text(w.import_id)))
  order by not_before
  limit $1
  for update skip locked
)
update bateia.work w set not_before = clock_timestamp() + $2::interval
from due d where w.import_id = d.import_id and w.phase = d.phase
returning w.account_id, w.import_id, w.phase, w.sync
