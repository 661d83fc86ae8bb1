-- Writes touching: the keys that more than one row carries, named by their lowest
-- row. Everything else about joining looks at these alone.
-- A row that names its prospect by id is identified by that, and joins nobody
-- through its identities.
create or replace table touching as
select k1, k2, min(row) as label, count(*) as n, bool_and(joins) as joins
  from stated anti join (select row from rows where bateia_id is not null) named using (row)
 group by k1, k2 having max(row) > min(row);

-- Writes frequent: joining values that do not join by themselves. The import
-- carries them with more than max_names different names (names), an earlier import
-- or a person found them to be shared (known), or the base and the import have too
-- many names together. A row that names nobody counts as no name.
create or replace table frequent as
select i.k1, i.k2, any_value(i.kind) as kind, count(distinct r.name_key) as names, false as known
  from (select k1, k2 from touching anti join account_shared using (k1) anti join found_shared using (k1) anti join account_joining using (k1)
         where joins and n > getvariable('max_names')) often
  join stated i using (k1, k2) join rows r using (row)
 where r.name_key <> '' and r.bateia_id is null
 group by i.k1, i.k2
having count(distinct r.name_key) > getvariable('max_names');

insert into frequent
select distinct i.k1, i.k2, i.kind, f.names, false
  from stated i join found_shared f using (k1) where i.joins
union all
select distinct i.k1, i.k2, i.kind, 0, true
  from stated i semi join account_shared a using (k1) where i.joins;
