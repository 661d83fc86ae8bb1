-- Writes targets: the prospect of every group. A group that touches prospects
-- belongs to the oldest of them (ids are ordered in time), and the others are
-- merged into it; a group that touches none founds its own, whose id is made of
-- the import and the group's lowest row.
-- Reads the closed edges: prospects sort before groups, which start with '~'.
create or replace table targets as
select g.grp, coalesce(e.a, 'ba' || getvariable('import_id') || printf('%08x', g.grp)) as target, e.a is null as is_new
  from (select distinct grp from row_groups) g
  left join edges e on e.b = '~' || printf('%019d', g.grp);

create or replace table plan_merges as
select e.a as survivor_id, e.b as merged_id, min(t.grp) as row
  from edges e join targets t on t.target = e.a
 where e.b not like '~%'
 group by e.a, e.b;
