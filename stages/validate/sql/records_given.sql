-- The records of one range as in records.sql, with the export that they name and what it
-- gave out of their prospect: its salt, null when nobody knows, and the hash of each field.
with span as (
  select row, line, sheet_row, byte_offset, byte_length, defect, cells, /*export*/ as export_name, /*id*/ as bateia_id
    from records
   where row >= ? and row < ?)
select s.row, s.line, s.sheet_row, s.byte_offset, s.byte_length, s.defect, s.cells, s.export_name, g.salt, [/*given*/]::bigint[]
  from span s left join given g on g.export_name = s.export_name and g.bateia_id = s.bateia_id
 order by s.row
