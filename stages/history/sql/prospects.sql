-- Rows of prospects. $1 account, $2 ids.
select prospect_id, extra::text, ranks::text, keys, lead_imports, lead_rows, lead_hashes, list_ids, tag_ids, created_at, updated_at, updated_by /*fields*/
  from prospects where account_id = $1 and prospect_id = any($2)
