-- Values that were edited join only together with the same name from here on, unless they
-- do so already. $1 account, $2 their keys, $3 the first halves of these, $4 kind,
-- $5 import, $6 when. The two names that make one shared are that of who had it and of
-- whoever has it next.
insert into shared_values (account_id, k1, kind, import_id, names, decided_at)
select $1, v.k1, $4, $5, 2, $6
  from unnest($2::uuid[], $3::bigint[]) v (key, k1)
 where exists (select from identities i where i.account_id = $1 and i.key = v.key and i.joins)
   and not exists (select from shared_values s where s.account_id = $1 and s.k1 = v.k1 and s.revoked_at is null)
