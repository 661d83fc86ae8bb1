-- Writes touching: the keys that more than one row carries, named by their lowest
-- row. Everything else about joining looks at these alone.
-- A row that names its prospect by id is identified by that, and joins nobody
-- through its identities.
create or replace table touching as
select k1, k2, min(row) as label, count(*) as n, bool_and(joins) as joins
  from identities anti join (select row from rows where bateia_id is not null) named using (row)
 group by k1, k2 having max(row) > min(row);

-- Writes frequent: joining values that the import carries with more than
-- max_names different names. A row that names nobody counts as no name.
create or replace table frequent as
select i.k1, i.k2
  from (select k1, k2 from touching where joins and n > getvariable('max_names')) often
  join identities i using (k1, k2) join rows r using (row)
 where r.name_key <> ''
 group by i.k1, i.k2
having count(distinct r.name_key) > getvariable('max_names');
