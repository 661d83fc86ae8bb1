-- Who is logged in, and whether it is an analyst and nothing else: a member of
-- bateia_analyst without any attribute or other role that could read, write or
-- reach more than the views.
select session_user::text,
       pg_has_role(r.oid, 'bateia_analyst', 'member')
       and not (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls)
       and not exists (select from pg_roles o
                       where o.rolname not in (session_user, 'bateia_analyst') and pg_has_role(r.oid, o.oid, 'member'))
from pg_roles r
where r.rolname = session_user
