-- The exports that records name in column /*export*/.
select distinct lower(trim(cells[/*export*/])) as export_name
  from records
 where cells[/*export*/] <> '' and (defect is null or defect like 'ROW_REPAIRED%')
 order by export_name
