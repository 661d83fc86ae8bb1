-- Writes answers: the refused rows of earlier imports that rows name in column
-- /*column*/, import and row as a feedback file writes them.
create or replace table answers as
select row, ('0x' || said[1])::bigint as of_import, said[2]::bigint as of_row
  from (select row, regexp_extract_all(trim(cells[/*column*/]), '[0-9a-f]+') as said
          from records
         where (defect is null or defect like 'ROW_REPAIRED%')
           and regexp_full_match(trim(cells[/*column*/]), '[0-7][0-9a-f]{13}:[0-9]{1,18}'))
 order by row;
