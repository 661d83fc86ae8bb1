-- The records of one range, in the order of the file: the engine keeps no
-- order of its own.
select row, line, sheet_row, byte_offset, byte_length, defect, cells
  from records
 where row >= ? and row < ?
 order by row
