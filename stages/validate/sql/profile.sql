-- The cells of one range in the order of the file: whether a column counts is
-- told by its order.
select cells
  from records
 where row >= ? and row < ? and (defect is null or defect like 'ROW_REPAIRED%')
 order by row
