-- The sighting whose place a lead took is a lead now. $1 account, $2 imports and
-- $3 rows that leads moved from.
delete from seen_leads s using history_homes h
 where s.account_id = $1 and s.lead_import = any($2) and s.lead_row = any($3)
   and s.lead_import = h.from_import and s.lead_row = h.from_row and s.import_id = h.import_id and s.row = h.row
