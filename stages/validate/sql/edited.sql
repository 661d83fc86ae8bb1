-- Writes edited: the rows that go on and name an export in column /*export*/, with what
-- it gave out of their prospect (column /*id*/).
create or replace table edited as
select r.row, g.* exclude (export_name, bateia_id)
  from rows r join records c using (row)
       join given g on g.export_name = lower(trim(c.cells[/*export*/])) and g.bateia_id = lower(trim(c.cells[/*id*/]))
 where r.status = ''
 order by r.row;
drop table given;
