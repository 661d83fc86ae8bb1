-- Leaves in edges only the groups that stand between several prospects, and keeps
-- all of them in drawn. What these join is what all of them join: a group that
-- touches one prospect brings no other one along.
create or replace temp table drawn as select * from edges;

create or replace table edges as
select d.a, d.b from drawn d semi join (select b from drawn where a < 0 group by b having count(*) > 1) k on k.b = d.b;
