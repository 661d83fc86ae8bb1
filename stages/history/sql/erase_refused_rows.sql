-- Adds the refused rows that named a prospect of the person. $1 account.
insert into erased_rows
select import_id, row, line, sheet_row, byte_offset, byte_length, outcome
  from row_outcomes
 where account_id = $1 and prospect_id in (select prospect_id from erased_ids)
    on conflict do nothing
