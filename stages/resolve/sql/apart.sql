-- Keeps apart who people said are two. edges holds the components of the groups
-- between prospects, drawn all edges: in a component that holds such a pair every
-- group goes to the oldest prospect that it touches and to no other, so that
-- nothing there is merged.
create or replace temp table torn as
with ends as (select a as node, a as root from edges union select b, a from edges)
select distinct x.root
  from base_apart p join ends x on x.node = p.a join ends y on y.node = p.b and y.root = x.root;

create or replace temp table cut as
select d.a, d.b
  from drawn d semi join (select e.b from edges e semi join torn on torn.root = e.a) inside on inside.b = d.b
  join (select b, min(a) as oldest from drawn group by b having count(*) > 1) m on m.b = d.b and d.a <> m.oldest;

create or replace table edges as select * from drawn anti join cut on cut.a = drawn.a and cut.b = drawn.b;

insert into issues
select min(g.row), null, 'document', 'warning', 'MATCH_CONFLICT', null, null
  from row_groups g semi join cut on cut.b = g.grp group by g.grp;

drop table torn; drop table cut; drop table drawn;
