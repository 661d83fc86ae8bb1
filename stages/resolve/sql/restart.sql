-- Resolve adds issues and moves disputed keys aside. Both tables are kept as
-- dedupe left them, so that resolve can run again on the same workset.
create table if not exists issues_before as select * from issues;
create or replace table issues as select * from issues_before;
create table if not exists group_keys_before as select * from group_keys;
create or replace table group_keys as select * from group_keys_before;
