-- All prospects of an account. $1 account.
insert into history_touched
select prospect_id from prospects p
 where p.account_id = $1 and not exists (select from aliases a where a.account_id = $1 and a.alias_id = p.prospect_id)
