-- Stages of an import as view report.import_stages has them.
select ':id', stage, attempt, started_at, finished_at, seconds, rows, bytes
  from bateia.import_stages
 where account_id = :account and import_id = :import
 order by started_at, stage, attempt
