-- The exports that records name.
select distinct /*export*/ as export_name
  from records
 where /*export*/ <> '' and (defect is null or defect like 'ROW_REPAIRED%')
 order by export_name
