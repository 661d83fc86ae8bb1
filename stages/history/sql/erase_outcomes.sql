-- What stays of rows that had become leads: that they were there, with the outcome
-- they had, so that every ledger still balances. $1 account.
insert into forgotten_rows (account_id, import_id, row, outcome)
select $1, e.import_id, e.row, e.outcome
  from erased_rows e
 where e.outcome in ('created', 'updated', 'unchanged', 'duplicate')
 order by e.import_id, e.row
    on conflict do nothing
