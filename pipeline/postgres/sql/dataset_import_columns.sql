-- Columns of an import's file as view report.import_columns has them.
select ':id', position::bigint, name, nullif(field, ''), nullif(type, ''), confidence, reason, filled, valid, imported, distinct_values
  from bateia.import_columns
 where account_id = :account and import_id = :import
 order by position
