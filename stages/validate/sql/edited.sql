-- Writes edited: the rows that go on and name an export, with what it gave out of their
-- prospect. Drops given.
create or replace table edited as
select r.row, g.* exclude (export_name, bateia_id)
  from rows r
  join (select row, /*export*/ as export_name, /*id*/ as bateia_id from records) c using (row)
  join given g on g.export_name = c.export_name and g.bateia_id = c.bateia_id
 where r.status = ''
 order by r.row;
drop table given;
