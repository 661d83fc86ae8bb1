-- How much text the records hold, block by block of 1,024 rows, so that long
-- tables are read in ranges of bounded size whatever the width of their rows.
-- Reads only the two numbers.
select (row - 1) // 1024 as block, count(*) as rows, sum(byte_length)::bigint as bytes
  from records
 group by block
 order by block
