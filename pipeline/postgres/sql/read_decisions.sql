-- What people decided in account $1 and nobody took back, newest first.
select kind, subject::text, coalesce(import_id, 0), decided_by, decided_at
from bateia.decisions
where account_id = $1 and revoked_at is null
order by decided_at desc, decision_id desc
