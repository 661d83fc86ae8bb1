-- name: why
-- title.en: Why rows of an import were refused
-- title.pt-BR: Por que linhas de uma importação foram recusadas
-- title.es: Por qué se rechazaron filas de una importación
-- answers: one row per cause, column and shape of the cell; rows add up to rejected, skipped and conflict of the ledger
-- import: yes

-- Rows and what is said of their cells are put together and sorted out: a join of
-- the two would be made row by row, since the planner expects few of either.
with said as (
  select account, row, reason_code as code, sheet_row, outcome, null as "column", null as shape
  from report.rows
  where import_id = $1 and outcome in ('rejected', 'skipped', 'conflict')
  union all
  select account, row, code, null, null, "column", shape
  from report.issues
  where import_id = $1 and row is not null
), causes as (
  -- Of several cells the first one that has the code which decided.
  select account, code, max(sheet_row) as sheet_row, max(outcome) as outcome,
         (array_agg("column" order by "column") filter (where outcome is null))[1] as "column",
         (array_agg(shape order by "column") filter (where outcome is null))[1] as shape
  from said
  group by account, row, code
  having count(outcome) > 0
), counted as (
  select count(*) as rows, account, outcome, code, "column", shape, (array_agg(sheet_row order by sheet_row))[1:10] as first_sheet_rows
  from causes
  group by account, outcome, code, "column", shape
)
select r.rows, r.outcome, r.code as reason_code, r."column", r.shape, r.first_sheet_rows, c.message, c.remedy
from counted r
left join report.codes c on c.account = r.account and c.code = r.code
order by rows desc, reason_code, r.shape
