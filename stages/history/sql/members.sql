-- The touched prospects that are computed again, with everything that merged into
-- them.
-- $1 account.
insert into history_members
select t.prospect_id, t.prospect_id
  from history_touched t where not exists (select from history_gone g where g.prospect_id = t.prospect_id)
union
select a.survivor_id, a.alias_id
  from history_touched t join aliases a on a.account_id = $1 and a.survivor_id = t.prospect_id
 where not exists (select from history_gone g where g.prospect_id = t.prospect_id);
