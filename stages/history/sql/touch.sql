-- Prospects, read through aliases, that are computed again. $1 account, $2 ids.
insert into history_touched
select distinct coalesce(a.survivor_id, t.id)
  from unnest($2::text[]) t (id) left join aliases a on a.account_id = $1 and a.alias_id = t.id
    on conflict do nothing
