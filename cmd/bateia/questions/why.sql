-- name: why
-- title.en: Why rows of an import were refused
-- title.pt-BR: Por que linhas de uma importação foram recusadas
-- title.es: Por qué se rechazaron filas de una importación
-- answers: one row per cause, column and shape of the cell; rows add up to rejected, skipped and conflict of the ledger
-- import: yes

with refused as (
  select account, row, sheet_row, outcome, reason_code
  from report.rows
  where import_id = $1
), told as (
  -- The first cell of the row that has the code which decided.
  select distinct on (row, code) row, code, "column", shape
  from report.issues
  where import_id = $1 and row is not null
  order by row, code, "column"
)
select count(*) as rows, r.outcome, r.reason_code, t."column", t.shape,
       (array_agg(r.sheet_row order by r.sheet_row))[1:10] as first_sheet_rows,
       c.message, c.remedy
from refused r
left join told t on t.row = r.row and t.code = r.reason_code
left join report.codes c on c.account = r.account and c.code = r.reason_code
group by r.outcome, r.reason_code, t."column", t.shape, c.message, c.remedy
order by rows desc, r.reason_code, t.shape
