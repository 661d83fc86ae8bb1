-- What an import decided. $1 account, $2 import.
select decision_id, kind, import_id, subject from decisions
 where account_id = $1 and import_id = $2 and revoked_at is null order by decision_id
