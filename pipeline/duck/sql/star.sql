-- One round of the two-phase star contraction of Kiveris et al., "Connected
-- Components in MapReduce and Beyond" (2014): edges a < b become a graph with
-- the same components that is nearer to one star around each lowest node. The
-- number of rounds grows with the logarithm of the longest path, where label
-- propagation would need one round per step of it.
create or replace table edges as
with both_ways as (select a as u, b as v from edges union all select b, a from edges),
     lowest as (select u, least(u, min(v)) as m from both_ways group by u)
select distinct m as a, v as b from both_ways join lowest using (u) where v > u;

create or replace table edges as
with lowest as (select b, min(a) as m from edges group by b)
select distinct m as a, a as b from edges join lowest using (b) where a <> m
union
select m, b from lowest;
