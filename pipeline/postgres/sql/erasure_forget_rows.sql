-- Leaves of rows $3 of import $2 that they were there. $1 account.
with outcomes as (
  update bateia.row_outcomes set source_ref = null, prospect_id = null,
         codes = case when 'ERASED' = any (codes) then codes else codes || '{ERASED}'::text[] end
   where account_id = $1 and import_id = $2 and row = any ($3))
update bateia.issues set value = null, shape = null, source_ref = null
 where account_id = $1 and import_id = $2 and row = any ($3)
