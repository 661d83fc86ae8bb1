-- Why rows of the imports $1 became no lead: one row per outcome, code, column and
-- shape of the cell, with the first rows by what their source calls them: the row of
-- the sheet, or a code. Rows add up to rejected, skipped and conflict of the ledgers.
--
-- Rows and what is said of their cells are put together and sorted out: a join of
-- the two would be made row by row, since the planner expects few of either. min
-- and C keep it from sorting all of them as a language does.
with said as (
  select import_id, row, reason_code as code, coalesce(source_ref, sheet_row::text) as place, outcome, null as cell
  from report.rows
  where import_id = any ($1::text[])
  union all
  select import_id, row, code, null, null, coalesce("column", '') || chr(1) || coalesce(shape, '')
  from report.issues
  where import_id = any ($1::text[]) and row is not null
), causes as (
  -- Of several cells the first one that has the code which decided.
  select code, row, max(place collate "C") as place, max(outcome collate "C") as outcome, coalesce(min(cell collate "C"), '') as cell
  from said
  group by import_id, row, code
  having count(outcome) > 0
)
select count(*) as rows, outcome, code, split_part(cell, chr(1), 1) as "column", split_part(cell, chr(1), 2) as shape,
       (array_agg(place order by row))[1:8] as places
from causes
group by outcome, code, cell
order by rows desc, code, cell
