-- Prospects, read through aliases, that own keys. $1 account, $2 keys.
insert into history_touched
select distinct coalesce(a.survivor_id, i.prospect_id)
  from identities i left join aliases a on a.account_id = $1 and a.alias_id = i.prospect_id
 where i.account_id = $1 and i.key = any($2::uuid[])
    on conflict do nothing
