-- A row with a lead of its own saw nothing again. $1 account, $2 import, $3 rows.
delete from seen_leads s using history_homes h
 where s.account_id = $1 and s.import_id = $2 and s.row = any($3) and s.row = h.row and s.lead_import = h.from_import and s.lead_row = h.from_row
