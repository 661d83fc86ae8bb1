-- The sighting whose place a lead took is a lead now. $1 account.
delete from seen_leads s using history_homes h
 where s.account_id = $1 and s.lead_import = h.from_import and s.lead_row = h.from_row and s.import_id = h.import_id and s.row = h.row
