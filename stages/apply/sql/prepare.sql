-- Gathers per prospect what is written as arrays, as flat lists of pairs. They
-- have no order: an ordered aggregate takes a hundred times as long, and the few
-- elements of each are sorted when they are encoded.
create or replace table prospect_keys as
select target, flatten(list([k1, k2])) as keys from plan_identities group by target;

create or replace table prospect_leads as
select l.target, flatten(list([l.row, l.statement])) as leads
  from plan_leads l join heads h using (target)
 where h.rows > 1 or h.target < 0
 group by l.target;
