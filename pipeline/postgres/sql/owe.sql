-- Makes phase $2 of import $1 (account $3) owed, due after $4. Whoever works on
-- it is fenced, because its row is not running any more.
insert into bateia.work as w (import_id, phase, account_id, not_before)
values ($1, $2, $3, clock_timestamp() + $4::interval)
on conflict (import_id, phase) do update
set state = 'owed', worker = null, lease_until = null, owed_since = clock_timestamp(), not_before = excluded.not_before
