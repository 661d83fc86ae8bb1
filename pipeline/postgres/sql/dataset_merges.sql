-- Merges of an import as view report.merges has them.
select ':id', m.survivor_id, m.merged_id, m.reason, m.merged_at, m.undone_at, n.applied_no
  from bateia.merges m
  join bateia.imports n on n.account_id = m.account_id and n.import_id = m.import_id
 where m.account_id = :account and m.import_id = :import
 order by m.survivor_id, m.merged_id
