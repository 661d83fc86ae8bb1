-- Marks the refused rows of applied imports of account $1 that rows of import $2
-- answer, as the table answered says: as taken when one of these rows is. A row
-- that was refused again stands for those that it answered itself, and they for
-- theirs. The rows of a replay are those of the import that it replays. Returns how
-- many are taken.
with recursive named as (
  select coalesce(i.replay_of, i.import_id) as import_id, a.of_row as row, max(a.row) as by_row, bool_or(a.taken) as taken
    from answered a
    join imports i on i.account_id = $1 and i.import_id = a.of_import and i.state = 'applied'
    join row_outcomes r on r.account_id = $1 and r.import_id = a.of_import and r.row = a.of_row
   group by 1, 2
), chain as (
  select import_id, row, by_row, taken from named
  union
  select v.import_id, v.row, c.by_row, c.taken
    from chain c
    join imports n on n.account_id = $1 and coalesce(n.replay_of, n.import_id) = c.import_id
    join resolutions v on v.account_id = $1 and v.resolved_by = n.import_id and v.by_row = c.row and not v.taken
), written as (
  insert into resolutions (account_id, import_id, row, resolved_by, by_row, taken)
  select $1, import_id, row, $2, max(by_row), bool_or(taken) from chain group by import_id, row
  returning taken
)
select count(*) from written where taken
