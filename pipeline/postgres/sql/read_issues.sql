-- Issues of import $2 of account $1 in their order, of severity $3 and code $4,
-- each null for any.
select row, line, sheet_row, byte_offset, source_ref, "column", field, severity, code, value, shape
from bateia.issues
where account_id = $1 and import_id = $2
  and ($3::text is null or severity = $3) and ($4::text is null or code = $4)
order by seq
