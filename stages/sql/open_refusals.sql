-- The rows of import $2 of account $1 that are refused to this day, of code $3 or
-- with '' of any, in file order.
select row, line, sheet_row, byte_offset, byte_length, reason_code
from open_refusals($1, $2, $3)
order by row
