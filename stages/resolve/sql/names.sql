-- Writes plan_names: names that a value of the base has not been seen with. An
-- identity keeps up to five, enough to tell that they are too many, and as many of
-- those who carry the value and are somebody else than its owner; first those that it
-- has, then new ones in order.
create or replace table plan_names as
with said as (
  select b.k1, b.k2, b.name_hashes, b.other_names, (md5_number_lower(r.name_key)::bit)::bigint as name, coalesce(g.survivor, n.node) = m.target as own
    from base_keys b join keys k using (k1, k2) join rows r using (row) join members m on m.row = k.row
         join base_nodes n on n.prospect_id = b.prospect_id left join plan_merges g on g.merged = n.node
   where r.name_key <> '' and not list_contains(b.name_hashes, (md5_number_lower(r.name_key)::bit)::bigint)),
fresh as (
  select * from said where own and len(name_hashes) < 5 or not own and len(other_names) < 5 and not list_contains(other_names, name)),
added as (
  select k1, k2, name_hashes, other_names,
         list_slice(name_hashes || coalesce(list_sort(list_distinct(list(name) filter (own))), []), 1, 5) as names,
         coalesce(list_sort(list_distinct(list(name) filter (not own))), []) as others
    from fresh group by k1, k2, name_hashes, other_names)
select k1, k2, names as name_hashes, list_slice(list_filter(other_names || others, x -> not list_contains(names, x)), 1, 5) as other_names from added;
