-- Asks for the week's snapshot of account $1 when it has prospects and none was
-- asked for within $2; of an account that is new, after that time.
insert into bateia.snapshots (account_id, snapshot_id)
select a.account_id, bateia.new_import_id()
from bateia.accounts a
where a.account_id = $1
  and coalesce((select max(s.created_at) from bateia.snapshots s where s.account_id = $1), a.created_at) < now() - $2::interval
  and exists (select from bateia.prospects p where p.account_id = $1)
