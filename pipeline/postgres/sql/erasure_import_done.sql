-- Notes that erasure $2 of account $1 has looked through imports $3.
insert into bateia.erasure_imports (account_id, erasure_id, import_id, touched, done)
select $1, $2, id, $4, true from unnest($3::bigint[]) id
    on conflict (account_id, erasure_id, import_id) do update set done = true, touched = erasure_imports.touched or excluded.touched
