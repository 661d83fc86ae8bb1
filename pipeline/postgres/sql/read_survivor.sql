-- The prospect of account $1 that answers for id $2 today.
select coalesce((select survivor_id from bateia.aliases where account_id = $1 and alias_id = $2), $2)
