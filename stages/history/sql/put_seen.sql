-- The sightings of a lead that moved follow it. $1 account.
update seen_leads s set lead_import = h.lead_import, lead_row = h.lead_row
  from history_seen h
 where s.account_id = $1 and s.lead_import = h.from_import and s.lead_row = h.from_row and s.import_id = h.import_id and s.row = h.row
