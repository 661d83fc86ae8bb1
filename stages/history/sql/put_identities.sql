-- Identities as they are computed. $1 account.
insert into identities (account_id, key, kind, value, joins, prospect_id, first_import_id, first_row, name_hashes)
select $1, key, kind, value, joins, prospect_id, first_import_id, first_row, name_hashes from history_identities order by key
    on conflict (account_id, key) do update
   set joins = excluded.joins, prospect_id = excluded.prospect_id, first_import_id = excluded.first_import_id,
       first_row = excluded.first_row, name_hashes = excluded.name_hashes
