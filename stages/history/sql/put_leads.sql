-- Leads that belong to another prospect now, or were joined under another key.
-- $1 account, $2 imports and $3 rows among them, so that they are found by key
-- whatever the planner knows.
update leads l set prospect_id = h.prospect_id, keys = h.keys, statement = h.statement
  from history_leads h
 where l.account_id = $1 and l.import_id = any($2) and l.row = any($3) and l.import_id = h.import_id and l.row = h.row
