-- The codes of rows.
create temporary table dataset_told on commit drop as
select row, array_agg(distinct code collate "C" order by code collate "C") as codes
  from bateia.issues
 where account_id = :account and import_id = :import and row is not null
 group by row
