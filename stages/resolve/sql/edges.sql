-- Writes edges: which groups touch which prospects, by key or by id.
create or replace table edges as
select distinct b.prospect_id as a, '~' || printf('%019d', k.grp) as b
  from base_keys b join group_keys k using (k1, k2)
union
select b.prospect_id, '~' || printf('%019d', g.grp)
  from rows r join row_groups g using (row) join base_ids b using (bateia_id);
