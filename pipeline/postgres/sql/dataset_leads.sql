-- Leads of an import as view report.leads has them.
select ':id:' || l.row, ':id', l.row, l.sheet_row, l.source_ref, l.outcome,
       coalesce(case when (select true from dataset_aliases limit 1) then
                  (select m.survivor_id from dataset_aliases m where m.alias_id = l.prospect_id) end, l.prospect_id),
       l.phone, l.email, l.document, l.name,
       (select created_at from bateia.imports where account_id = :account and import_id = :import)
  from bateia.leads l
 where l.account_id = :account and l.import_id = :import
 order by l.row
