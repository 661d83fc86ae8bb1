-- What stays of the rows: that they were there, with the outcome they had, so that
-- every ledger still balances. Of a refused row also why. $1 account.
insert into row_outcomes as r (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, outcome, reason_code, codes)
select $1, e.import_id, e.row, e.line, e.sheet_row, e.byte_offset, e.byte_length, e.outcome, 'ERASED', '{ERASED}'
  from erased_rows e join imports i on i.account_id = $1 and i.import_id = e.import_id and 'rows' <> all (i.expired)
 order by e.import_id, e.row
    on conflict (account_id, import_id, row) do update
   set source_ref = null, prospect_id = null,
       codes = case when 'ERASED' = any (r.codes) then r.codes else r.codes || '{ERASED}'::text[] end
