-- Of rows $3 of imports $2 those that are somebody's today. $1 account.
select row from bateia.leads where account_id = $1 and import_id = any ($2) and row = any ($3)
 union
select s.row from bateia.seen_leads s
 where s.account_id = $1 and s.import_id = any ($2) and s.row = any ($3)
