-- A value that joins only together with the same name from here on.
-- $1 account, $2 first half of its key, $3 kind, $4 import.
insert into shared_values (account_id, k1, kind, import_id, names, decided_at)
values ($1, $2, $3, $4, 2, clock_timestamp())
