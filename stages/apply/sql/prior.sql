-- Keeps the plan that was shown. When apply is tried again after a deadlock the
-- first one stays: it is the one that somebody saw.
create table if not exists prior_rows as select row, outcome, prospect_id from plan_rows;
create table if not exists prior_changes as select * from plan_changes;
create table if not exists prior_updates as select prospect_id, action, changed from plan_updates;
create table if not exists prior_merges as select survivor_id, merged_id, held from plan_merges;
