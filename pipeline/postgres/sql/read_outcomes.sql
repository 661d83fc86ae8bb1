-- The rows of import $2 of account $1 that became no lead, in file order.
select row, line, sheet_row, byte_offset, byte_length, outcome, reason_code, codes, coalesce(prospect_id, '')
from bateia.row_outcomes
where account_id = $1 and import_id = $2
order by row
