-- What stays of rows that were refused: all but whose they were. $1 account.
update row_outcomes r
   set source_ref = null, prospect_id = null,
       codes = case when 'ERASED' = any (r.codes) then r.codes else r.codes || '{ERASED}'::text[] end
  from erased_rows e
 where r.account_id = $1 and r.import_id = e.import_id and r.row = e.row
