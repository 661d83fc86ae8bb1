-- Claims phase $5 of import $1 (account $2) for worker $3 and lease $4 and returns
-- epoch and alone: with what came before. No row while another worker holds it.
insert into bateia.work as w (import_id, phase, account_id, state, epoch, worker, lease_until)
values ($1, $5, $2, 'running', 1, $3, clock_timestamp() + $4::interval)
on conflict (import_id, phase) do update
set state = 'running', epoch = w.epoch + 1, worker = excluded.worker, lease_until = excluded.lease_until
where w.state <> 'running' or w.lease_until < clock_timestamp()
returning w.epoch, w.alone or exists (select from bateia.work x where x.import_id = w.import_id and x.alone and x.phase in ('plan', 'apply'))
