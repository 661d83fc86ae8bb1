-- Writes row_groups: the group of every row that goes on, named by its lowest
-- row. A row that touches no other is its own group.
create or replace table row_groups as
select r.row, coalesce(e.a, l.label, r.row) as grp
  from rows r left join row_labels l using (row) left join edges e on e.b = l.label
 where r.status = '';
