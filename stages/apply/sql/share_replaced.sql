-- A value that was edited joins only together with the same name from here on, unless it
-- does so already. $1 account, $2 its key, $3 the first half of that, $4 kind, $5 import,
-- $6 when. The two names that make it a shared one are that of who had it and of whoever
-- has it next.
insert into shared_values (account_id, k1, kind, import_id, names, decided_at)
select $1, $3, $4, $5, 2, $6
 where exists (select from identities where account_id = $1 and key = $2 and joins)
   and not exists (select from shared_values where account_id = $1 and k1 = $3 and revoked_at is null)
