-- Leaves of records those that a replay takes up, under the positions they had.
-- They are found by their first byte: how the file is taken apart today may number
-- what follows differently. One that begins nowhere today has no cells, and keeps
-- the defect it had.
create or replace table taken_up as
select f.row, f.line, f.sheet_row, f.byte_offset, f.byte_length,
       case when r.row is null and starts_with(f.reason, 'ROW_') then f.reason else r.defect end as defect,
       coalesce(r.cells, []::varchar[]) as cells
  from refused f left join records r using (byte_offset)
 order by f.row;
drop table records;
alter table taken_up rename to records;
