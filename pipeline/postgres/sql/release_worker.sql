-- Takes back every claim of worker $1, which is known to be dead: a process on
-- this machine that ended without giving them back.
update bateia.work
set state = 'owed', worker = null, lease_until = null, not_before = clock_timestamp(),
    deaths = deaths + alone::int, alone = true
where state = 'running' and worker = $1
