-- Writes mute: the rows of an export in which nothing was edited. They say nothing, so
-- they are no members, and in nobody's way. Behind the last condition come those of the
-- fields.
create or replace table mute as
select r.row
  from edited e join rows r using (row)
  anti join keys k on k.row = r.row
 where r.extra is null /*blank*/;
