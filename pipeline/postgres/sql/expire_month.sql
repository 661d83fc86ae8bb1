-- Marks the imports of account $1 with ids from $3 to below $4 as without part $2,
-- of those that ended before $5; and says whether others are left there.
with marked as (
  update bateia.imports set expired = expired || $2::text
   where account_id = $1 and import_id >= $3 and import_id < $4 and finished_at < $5 and $2 <> all (expired)
  returning import_id)
select exists (select from bateia.imports where account_id = $1 and import_id >= $3 and import_id < $4
                 and $2 <> all (expired) and import_id not in (select import_id from marked))
