-- Leads that belong to another prospect now, or were joined under another key.
-- $1 account.
update leads l set prospect_id = h.prospect_id, keys = h.keys
  from history_leads h
 where l.account_id = $1 and l.import_id = h.import_id and l.row = h.row
