-- Codes of an import as view report.issue_counts has them.
select ':id', code, severity, rows
  from bateia.issue_counts
 where account_id = :account and import_id = :import
 order by code, severity
