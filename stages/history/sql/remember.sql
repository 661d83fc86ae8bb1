-- $1 account, $2 kind, $3 subject, $4 import.
insert into decisions (account_id, kind, subject, import_id, decided_by)
select $1, $2, $3, $4, coalesce((select requested_by from imports where account_id = $1 and import_id = $4), '')
returning decision_id
