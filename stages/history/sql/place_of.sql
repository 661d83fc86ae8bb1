-- The place of the import that is applied now, and its source, 0 for none yet. $1
-- account, $2 kind, $3 system, $4 name, $5 instance.
select applied_no + 1, coalesce((select source_id from sources where account_id = $1 and kind = $2 and system = $3 and name = $4 and instance = $5), 0)
  from accounts where account_id = $1
