-- Writes places, which groups touch which prospects in which component, and crowds,
-- the components that may hold more than max_component joining values. edges holds the
-- components of the groups between prospects, drawn all edges; it is again what it was.
--
-- Ordinary imports must not pay for this, so it looks twice. First a prospect counts
-- half the limit, or all its keys where those are more, and a row as many values as any
-- row states. What is left, in places, is counted with the keys that do not join, which
-- is never too little: the base is asked for more of those in crowds alone.
create or replace temp table ends as
select a as node, a as root from edges union select b, a from edges;

create or replace temp table large as
select coalesce(x.root, n.node) as root, sum(p.keys) as n
  from base_prospects p join base_nodes n using (prospect_id) left join ends x using (node)
 where p.keys > getvariable('max_component') // 2 group by all;

create or replace temp table near as
select root
  from (select coalesce(x.root, d.a) as root, count(*) as n from drawn d join row_groups g on g.grp = d.b left join ends x on x.node = d.a group by all) said
  left join (select root, count(*) as n from ends where node < 0 group by root) nodes using (root)
  left join large using (root)
 where coalesce(nodes.n, 1) * (getvariable('max_component') // 2) + coalesce(large.n, 0)
       + said.n * (select max(seq) + 1 from group_keys) > getvariable('max_component');

create or replace table places as
select near.root, d.a as node, d.b as grp from drawn d left join ends x on x.node = d.a join near on near.root = coalesce(x.root, d.a);

create or replace table edges as select * from drawn;

create or replace table crowds as
select root
  from (select root, sum(p.keys) as n
          from (select distinct root, node from places) join base_nodes using (node) join base_prospects p using (prospect_id) group by root) owned
  left join (select root, count(*) as n
          from (select distinct root, grp from places) join group_keys k using (grp) anti join base_keys b using (k1, k2) where k.joins group by root) brought using (root)
 where owned.n + coalesce(brought.n, 0) > getvariable('max_component');

drop table ends; drop table large; drop table near; drop table drawn;
