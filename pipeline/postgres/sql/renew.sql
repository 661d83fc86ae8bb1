-- Renews the claim (import $1, phase $2, epoch $3) for lease $4. Says whether
-- nobody took it away: it is still held, or was finished under this very epoch.
-- Promises: never waits for the transaction that fenced on the row, which is the
-- holder's own: while it is locked nobody can take it over.
with mine as (
  select import_id, phase from bateia.work
  where import_id = $1 and phase = $2 and epoch = $3 and state = 'running'
  for no key update skip locked
), renewed as (
  update bateia.work w set lease_until = clock_timestamp() + $4::interval
  from mine m where w.import_id = m.import_id and w.phase = m.phase
)
select exists (select from bateia.work where import_id = $1 and phase = $2 and epoch = $3 and state <> 'owed')
