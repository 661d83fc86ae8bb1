-- Takes snapshot $2 of account $1 while it is owed and nobody else is at it, until
-- the transaction ends. Returns what its file is called by: the account's slug and
-- the day there.
select a.slug, bateia.account_day(s.created_at, a.timezone)
from bateia.snapshots s join bateia.accounts a using (account_id)
where s.account_id = $1 and s.snapshot_id = $2 and s.state = 'owed'
for update of s skip locked
