-- Puts the draws of history_draws into the table. $1 account.
insert into draws (account_id, prospect_id, folded, owner, import_id, turn)
select $1, prospect_id, folded, owner, import_id, turn from history_draws order by turn
