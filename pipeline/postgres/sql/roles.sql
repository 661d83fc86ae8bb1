-- Makes the three roles and the schemas' owner able to work in this database.
-- Promises: nothing changes when everything is there; works for a superuser and
-- for a user with CREATEROLE who owns the database.
do $$
begin
  if not exists (select from pg_roles where rolname = 'bateia_owner') then
    create role bateia_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'bateia_worker') then
    create role bateia_worker login;
  end if;
  if not exists (select from pg_roles where rolname = 'bateia_analyst') then
    create role bateia_analyst nologin;
  end if;
  -- Since Postgres 16 the maker of a role may grant it but not act as it.
  if not pg_has_role(current_user, 'bateia_owner', 'member')
     or (current_setting('server_version_num')::int >= 160000
         and not pg_has_role(current_user, 'bateia_owner', 'set')) then
    execute format('grant bateia_owner to %I', current_user);
  end if;
  if not has_database_privilege('bateia_owner', current_database(), 'create') then
    execute format('grant create on database %I to bateia_owner', current_database());
  end if;
  if not has_database_privilege('bateia_worker', current_database(), 'connect')
     or not has_database_privilege('bateia_worker', current_database(), 'temporary') then
    execute format('grant connect, temporary on database %I to bateia_worker', current_database());
  end if;
  if not has_database_privilege('bateia_analyst', current_database(), 'connect') then
    execute format('grant connect on database %I to bateia_analyst', current_database());
  end if;
end $$;
