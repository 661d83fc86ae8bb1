-- The touched prospects that are computed again, with everything that merged into
-- them. $1 account.
insert into history_members
select t.prospect_id, t.prospect_id
  from history_touched t where not exists (select from history_gone g where g.prospect_id = t.prospect_id)
union all
select a.survivor_id, a.alias_id
  from aliases a join history_touched t on t.prospect_id = a.survivor_id
 where a.account_id = $1 and not exists (select from history_gone g where g.prospect_id = a.survivor_id)
    on conflict do nothing
