-- Borrowed logins that can connect no more and are not connected: their borrower
-- died.
select r.rolname::text
from pg_roles r
where r.rolname ~ '^bateia_query_[a-z0-9]+$' and r.rolvaliduntil < now()
  and not exists (select from pg_stat_activity s where s.usename = r.rolname)
