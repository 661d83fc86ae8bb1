-- The touched prospects that are there, and everything that merged into them.
-- $1 account.
insert into erased_ids
select p.prospect_id from history_touched t join prospects p on p.account_id = $1 and p.prospect_id = t.prospect_id
 union
select a.alias_id from history_touched t join aliases a on a.account_id = $1 and a.survivor_id = t.prospect_id
