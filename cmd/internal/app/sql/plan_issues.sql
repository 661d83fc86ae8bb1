-- Issues of a plan with their positions, in the order in which apply numbers
-- them, of severity $1 and code $2, '' for any; of rows from $3 to below $4,
-- those on the file as a whole counted as row -1.
select i.row, r.line, r.sheet_row, r.byte_offset, r.source_ref, i."column", i.field, i.severity, i.code, i.value, i.shape
from issues i
left join rows r using (row)
where ($1 = '' or i.severity = $1) and ($2 = '' or i.code = $2) and coalesce(i.row, -1) >= $3 and coalesce(i.row, -1) < $4
order by i.row nulls first, i."column", i.field, i.code, i.value
