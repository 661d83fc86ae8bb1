-- Identities by key. $1 account, $2 keys.
select key, kind, value, joins, prospect_id, first_import_id, first_row, name_hashes
  from identities where account_id = $1 and key = any($2)
