-- What naming an import's files takes: its account's slug, its day there, its
-- state; and its place among what was applied. $1 account, $2 import.
select a.slug, bateia.account_day(i.created_at, a.timezone), i.state, coalesce(i.applied_no, 0)
  from bateia.imports i join bateia.accounts a using (account_id)
 where i.account_id = $1 and i.import_id = $2
