-- The history of who merged into whom. $1 account, $2 import, $3 reason.
insert into merges (account_id, import_id, survivor_id, merged_id, reason)
select $1, $2, survivor_id, alias_id, $3 from history_aliases order by alias_id
    on conflict do nothing
