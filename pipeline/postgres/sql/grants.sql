-- Lets the worker use River's tables, also those of later River migrations, and
-- see which migrations ran. Run as bateia_owner after every migration.
grant usage on schema river to bateia_worker;
grant select, insert, update, delete on all tables in schema river to bateia_worker;
grant usage, select on all sequences in schema river to bateia_worker;
alter default privileges in schema river grant select, insert, update, delete on tables to bateia_worker;
alter default privileges in schema river grant usage, select on sequences to bateia_worker;
grant select on bateia.schema_versions to bateia_worker;
