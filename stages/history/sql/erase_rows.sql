-- Every row of an import that speaks of the person: leads, rows that said the same
-- again, and refused rows that named a prospect. A row that was seen again repeats an
-- earlier row of its import or changed nothing. $1 account.
insert into erased_rows
select import_id, row, line, sheet_row, byte_offset, byte_length,
       coalesce(outcome, case when row_number() over (partition by import_id order by row) > 1 then 'duplicate' else 'unchanged' end)
  from (select l.import_id, l.row, l.line, l.sheet_row, l.byte_offset, l.byte_length, l.outcome
          from leads l join erased_leads e on e.import_id = l.import_id and e.row = l.row where l.account_id = $1
        union all
        select s.import_id, s.row, s.line, s.sheet_row, s.byte_offset, s.byte_length, null
          from seen_leads s join erased_leads e on e.import_id = s.lead_import and e.row = s.lead_row where s.account_id = $1) said
    on conflict do nothing
