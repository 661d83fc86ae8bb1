-- Identities that no lead carries any more. $1 account.
delete from identities i using history_keys h where i.account_id = $1 and i.key = h.key
