-- Moves import $2 of account $1 to state $3 with code $4 ('' for none) and held
-- $5 when its state is one of $7; $6 says whether $3 is terminal. No row
-- otherwise. What is applied gets the next place in the account's history: its
-- lock is held.
with place as (
  update bateia.accounts set applied_no = applied_no + 1 where account_id = $1 and $3 = 'applied' returning applied_no)
update bateia.imports
set applied_no = coalesce((select applied_no from place), applied_no), state = $3, code = nullif($4, ''), held = $5,
    started_at = coalesce(started_at, clock_timestamp()),
    finished_at = case when $6 then clock_timestamp() end
where account_id = $1 and import_id = $2 and state = any($7)
