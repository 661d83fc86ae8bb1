-- Takes phase $2 of import $1 for worker $3 and lease $4 when it is owed or its
-- lease ran out. Promises: never waits; the epoch only rises; no row when it
-- cannot be had. Taking it over from a lease that ran out means that its process
-- died or vanished: from then on it runs alone, and if it did already, that is a
-- death. A database that started after the lease was last renewed may be the
-- reason itself: then nothing is held against the import. A plan and its apply
-- answer for each other, because either may have to make the plan again; the other
-- phases answer for themselves.
with open as (
  select import_id, phase, alone,
         state = 'running' and pg_postmaster_start_time() < lease_until - $4::interval as vanished
  from bateia.work
  where import_id = $1 and phase = $2 and (state = 'owed' or (state = 'running' and lease_until < clock_timestamp()))
  for update skip locked
)
update bateia.work w
set state = 'running', epoch = w.epoch + 1, worker = $3, lease_until = clock_timestamp() + $4::interval,
    alone = w.alone or o.vanished,
    deaths = w.deaths + (o.vanished and o.alone)::int
from open o
where w.import_id = o.import_id and w.phase = o.phase
returning w.account_id, w.epoch,
  w.alone or exists (select from bateia.work x where x.import_id = w.import_id and x.alone and (x.phase = w.phase or x.phase in ('plan', 'apply') and w.phase in ('plan', 'apply'))),
  greatest(w.deaths, (select max(x.deaths) from bateia.work x where x.import_id = w.import_id and (x.phase = w.phase or x.phase in ('plan', 'apply') and w.phase in ('plan', 'apply'))))
