-- The state of import $2 of account $1, which stays so until the transaction ends.
select state from bateia.imports where account_id = $1 and import_id = $2 for update
