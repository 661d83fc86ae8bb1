-- Leads of an import as view report.leads has them.
select ':id:' || l.row, ':id', l.row, l.sheet_row, l.source_ref, l.outcome, coalesce(m.survivor_id, l.prospect_id),
       l.phone, l.email, l.document, l.name,
       (select created_at from bateia.imports where account_id = :account and import_id = :import)
  from bateia.leads l
  left join bateia.aliases m on m.account_id = l.account_id and m.alias_id = l.prospect_id
 where l.account_id = :account and l.import_id = :import
 order by l.row
