-- Gives the claim (import $1, phase $2, epoch $3) back, due again after $4.
update bateia.work
set state = 'owed', worker = null, lease_until = null, not_before = clock_timestamp() + $4::interval
where import_id = $1 and phase = $2 and epoch = $3 and state = 'running'
