-- $1 account.
insert into aliases (account_id, alias_id, survivor_id)
select $1, alias_id, survivor_id from history_aliases order by alias_id
    on conflict (account_id, alias_id) do update set survivor_id = excluded.survivor_id
