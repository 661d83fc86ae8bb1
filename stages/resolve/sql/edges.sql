-- Writes edges: which groups touch which prospects, by key or by id. Prospects get
-- numbers below zero in the order of their ids, so that the lowest node of a
-- component is its oldest prospect, and a group's own number where there is none.
create or replace table base_nodes as
select row_number() over (order by prospect_id) - 1 - count(*) over () as node, prospect_id
  from (select prospect_id from base_keys union select prospect_id from base_ids);

-- The keys by which they touch. A shared value leads to the prospect that holds it
-- as a joining one only with a name that was seen with it, or when nobody ever was
-- named. A value in dispute leads to nobody, nor does a row by id: it edits the
-- prospect that it names.
create or replace view key_edges as
select n.node, k.grp, k.k1, k.k2
  from base_keys b join base_nodes n using (prospect_id) join group_keys k using (k1, k2)
union all
select n.node, k.grp, k.k1, k.k2
  from frequent f join base_keys b using (k1, k2) join base_nodes n using (prospect_id)
  join group_keys k on k.k1 = f.k1 and not k.joins and not k.disputed join rows r on r.row = k.row
 where r.bateia_id is null
   and case when r.name_key = '' then len(b.name_hashes) = 0 else list_contains(b.name_hashes, (md5_number_lower(r.name_key)::bit)::bigint) end;

create or replace table edges as
select distinct node as a, grp as b from key_edges
union
select n.node, g.grp
  from base_ids b join base_nodes n using (prospect_id) join rows r using (bateia_id) join row_groups g using (row);
