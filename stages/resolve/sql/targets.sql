-- Writes targets: the prospect of every group, by number. A group that touches
-- prospects belongs to the oldest of them, and the others are merged into it; a
-- group that touches none founds its own. What the others hold stands beside them, as
-- a hash.
create or replace table targets as
select g.grp, coalesce(e.a, g.grp) as target
  from (select distinct grp from row_groups) g left join edges e on e.b = g.grp;

create or replace table plan_merges as
select s.prospect_id as survivor_id, m.prospect_id as merged_id, min(t.grp) as row, e.a as survivor, e.b as merged, h.held
  from edges e join base_nodes s on s.node = e.a join base_nodes m on m.node = e.b join targets t on t.target = e.a
  left join base_held h on h.prospect_id = m.prospect_id
 where e.b < 0
 group by all;
