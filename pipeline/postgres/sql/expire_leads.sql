-- Deletes the leads of imports $2 of account $1 that were taken back: no prospect
-- stands on them. One that an import saw again which counts took its place.
delete from bateia.leads l
 where l.account_id = $1 and l.import_id = any ($2)
   and l.import_id in (select import_id from bateia.imports where account_id = $1 and state <> 'applied')
   and not exists (select from bateia.seen_leads s join bateia.imports i on i.account_id = $1 and i.import_id = s.import_id and i.state = 'applied'
                    where s.account_id = $1 and s.lead_import = l.import_id and s.lead_row = l.row)
