-- Which of some keys exist. $1 account, $2 keys.
select key from identities where account_id = $1 and key = any($2)
