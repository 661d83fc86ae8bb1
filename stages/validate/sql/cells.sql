-- The cells of one range in any order, with the row that a spreadsheet shows,
-- for counts that do not depend on the order.
select cells, sheet_row
  from records
 where row >= ? and row < ? and (defect is null or defect like 'ROW_REPAIRED%')
