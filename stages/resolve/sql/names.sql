-- Writes plan_names: names that a value of the base has not been seen with. An
-- identity keeps up to five, enough to tell that they are too many.
create or replace table plan_names as
select b.k1, b.k2, list_slice(list_distinct(b.name_hashes || list((md5_number_lower(r.name_key)::bit)::bigint)), 1, 5) as name_hashes
  from base_keys b join keys k using (k1, k2) join rows r using (row) semi join members m on m.row = k.row
 where len(b.name_hashes) < 5 and r.name_key <> ''
   and not list_contains(b.name_hashes, (md5_number_lower(r.name_key)::bit)::bigint)
 group by b.k1, b.k2, b.name_hashes;
