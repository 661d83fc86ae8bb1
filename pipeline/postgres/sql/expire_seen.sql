-- Deletes what imports $2 of account $1 saw again that were taken back.
delete from bateia.seen_leads s
 where s.account_id = $1 and s.import_id = any ($2)
   and s.import_id in (select import_id from bateia.imports where account_id = $1 and state <> 'applied')
