-- The rows of import $2 of account $1 that became no lead, in file order; those of
-- a source that is no file by what that calls them, which is a number.
select row, line, case when source_ref is null then sheet_row else source_ref::bigint end, byte_offset, byte_length, outcome, reason_code, codes, coalesce(prospect_id, '')
from bateia.row_outcomes
where account_id = $1 and import_id = $2
order by row
