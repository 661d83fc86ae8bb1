-- Of the components in crowds, by exact counts, those that hold more than
-- max_component joining values. Writes crowded: the edges in them of groups that bring a
-- value or stand between prospects, and whether the prospect and the group together
-- stay within the limit. A group that does neither makes nobody larger, and a row by
-- id is kept from nobody, though what it brings counts.
--
-- Writes vetoed: where a group and at most one prospect go together, its edges to the
-- others. So who was kept from a large prospect goes on as the one it founded.
create or replace temp table owned as
select p.node, coalesce(s.n, 0) as n
  from (select distinct node from places semi join crowds using (root)) p join base_nodes using (node) left join base_sizes s using (prospect_id);

create or replace temp table stated as
select x.root, x.grp, k.k1, k.k2, n.node
  from (select distinct root, grp from places semi join crowds using (root)) x join group_keys k using (grp)
  left join base_keys b using (k1, k2) left join base_nodes n using (prospect_id)
 where k.joins;

create or replace temp table large as
select root
  from (select root, sum(o.n) as n from (select distinct root, node from places) join owned o using (node) group by root) o
  left join (select root, count(*) as n from stated where node is null group by root) b using (root)
 where o.n + coalesce(b.n, 0) > getvariable('max_component');

create or replace table crowded as
select p.node, p.grp, o.n + coalesce(s.n, 0) <= getvariable('max_component') as fits
  from places p semi join large using (root) join owned o using (node)
  left join (select q.node, q.grp, count(*) as n
               from places q join stated t on t.grp = q.grp and t.node is distinct from q.node group by q.node, q.grp) s on s.node = p.node and s.grp = p.grp
  semi join (select grp from stated where node is null union select grp from places group by grp having count(*) > 1) grows on grows.grp = p.grp
  anti join rows r on r.row = p.grp and r.bateia_id is not null;

create or replace table vetoed as
select node, grp, false as firm, 'MATCH_COMPONENT_TOO_LARGE' as code
  from crowded semi join (select grp from crowded group by grp having count(*) filter (where fits) <= 1) c using (grp)
 where not fits;

drop table owned; drop table stated; drop table large;
