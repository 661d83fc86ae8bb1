-- Stage $3 of attempt $4 at import $2 of account $1 begins. A stage that is
-- tried again within an attempt (apply, while the account is busy) begins anew.
insert into bateia.import_stages (account_id, import_id, stage, attempt, started_at)
values ($1, $2, $3, $4, clock_timestamp())
on conflict (account_id, import_id, stage, attempt) do update
set started_at = excluded.started_at, finished_at = null
