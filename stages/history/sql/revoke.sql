-- Decisions of an import that is taken back. $1 account, $2 import.
update decisions set revoked_at = now() where account_id = $1 and import_id = $2 and revoked_at is null
