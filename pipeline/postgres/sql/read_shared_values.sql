-- The values of account $1 that join only together with the same name, each once with
-- its first decision, newest first. All that is stored under one value has the same first
-- half of the key (k1); value is empty when nothing is stored under it any more.
select s.kind, s.names, s.decided_at, coalesce(s.import_id, 0), coalesce(i.value, '')
from (
  select distinct on (k1) * from bateia.shared_values
  where account_id = $1 and revoked_at is null
  order by k1, decided_at) s
left join lateral (
  select value from bateia.identities i
  where i.account_id = s.account_id
    and i.key between (lpad(to_hex(s.k1), 16, '0') || repeat('0', 16))::uuid and (lpad(to_hex(s.k1), 16, '0') || repeat('f', 16))::uuid
  limit 1) i on true
order by s.decided_at desc, s.k1
