-- $1 account.
delete from identities i
 using (select distinct unnest(p.keys) as key from history_gone g join prospects p on p.account_id = $1 and p.prospect_id = g.prospect_id) k
 where i.account_id = $1 and i.key = k.key
