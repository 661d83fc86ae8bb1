-- Writes over: joining values that the base and the import together carry with
-- more than max_names different names. Most keys have one name and one row, so few
-- are looked at more closely.
create or replace table over as
with close as (
  select b.k1, b.k2, b.name_hashes || b.other_names as name_hashes
    from base_keys b join (select distinct k1, k2 from group_keys where joins) k using (k1, k2) anti join account_joining a on a.k1 = b.k1 left join touching t using (k1, k2)
   where len(b.name_hashes) + len(b.other_names) + coalesce(t.n, 1) > getvariable('max_names'))
select c.k1, c.k2, len(list_distinct(c.name_hashes || list((md5_number_lower(r.name_key)::bit)::bigint) filter (r.name_key <> ''))) as names
  from close c join keys k using (k1, k2) join rows r using (row)
 group by c.k1, c.k2, c.name_hashes
having names > getvariable('max_names');
