-- Makes the schema of the migrations' own table and the one of River, as
-- bateia_owner. Promises: nothing changes when they are there.
create schema if not exists bateia;
create schema if not exists river;
