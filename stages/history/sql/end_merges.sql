-- Prospects that are their own again, or are no more. $1 account, $2 raw ids.
update merges set undone_at = now() where account_id = $1 and merged_id = any($2) and undone_at is null
