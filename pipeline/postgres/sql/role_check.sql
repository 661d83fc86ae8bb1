-- Whether the worker could read rows of every account: one boolean.
select w.rolsuper or w.rolbypassrls or pg_has_role(w.oid, 'bateia_owner', 'member')
from pg_roles w
where w.rolname = 'bateia_worker'
