-- What further rows saw again is the lead of the first of them. $1 account, $2 import, $3
-- rows.
update seen_leads s set lead_import = h.import_id, lead_row = h.row
  from history_homes h
 where s.account_id = $1 and s.import_id = $2 and s.row = any($3) and s.row <> h.row and s.lead_import = h.from_import and s.lead_row = h.from_row
