-- Where rows of the person of erasure $2 lie: imports $3, rows $4, offsets $5,
-- lengths $6. $1 account.
insert into bateia.erasure_rows (account_id, erasure_id, import_id, row, byte_offset, byte_length)
select $1, $2, u.import_id, u.row, u.byte_offset, u.byte_length
  from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) u (import_id, row, byte_offset, byte_length)
    on conflict do nothing
