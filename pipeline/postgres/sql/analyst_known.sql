-- Whether role $1 is the login of an analyst: a member of bateia_analyst that may
-- act as nobody else.
select exists (
  select from pg_roles r
  where r.rolname = $1 and r.rolcanlogin and not r.rolsuper
    and pg_has_role(r.oid, 'bateia_analyst', 'member')
    and not exists (select from pg_roles o
                    where o.rolname not in (r.rolname, 'bateia_analyst') and pg_has_role(r.oid, o.oid, 'member')))
