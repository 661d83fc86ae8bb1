-- The causes among the issues of a preview's rows: how many rows have one, and
-- the first of them as a spreadsheet numbers them.
select i.code, i.severity, i."column", i.shape,
       count(distinct i.row) as rows,
       list_slice(list_sort(list(distinct r.sheet_row)), 1, 5) as sheet_rows
  from issues i
  join records r on r.row = i.row
 group by all
 order by i.severity, rows desc, i.code, i."column", i.shape
 limit ?
