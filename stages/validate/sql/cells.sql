-- The cells of one range in any order, for counts that do not depend on it.
select cells
  from records
 where row >= ? and row < ? and defect is null
