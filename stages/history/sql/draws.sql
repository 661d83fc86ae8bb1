-- Who drew prospects. $1 account, $2 raw ids.
select prospect_id, folded, owner, import_id from draws where account_id = $1 and prospect_id = any($2) order by prospect_id, folded
