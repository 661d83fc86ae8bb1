-- $1 account, $2 and $3 a pair, $4 the decision's import.
insert into apart (account_id, prospect_id, other_id, import_id) values ($1, $2, $3, $4) on conflict do nothing
