-- One import of account "default" with a million rows, 2 % of them refused, and its
-- leads, a tenth of which speak of a prospect that another one speaks of. Read after
-- functions.sql and world.sql.
select pg_temp.make(1, pg_temp.source('feira-caxias'), '2026-11-28 10:00Z', 4021, 'milhão.csv', 'feira', 'applied', null, 1000000, 20000, 31);
insert into bateia.leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement, keys, phone, name)
  select 1, i.import_id, 20000 + g, g, g, g * 61, 61, 'ba' || lpad(to_hex(i.import_id), 14, '0') || lpad((g * 9 / 10)::text, 8, '0'), 'created', g, array[gen_random_uuid()],
    '+55519' || lpad(g::text, 8, '0'), 'Pessoa ' || g
  from bateia.imports i, generate_series(1, 900000) g where i.file_name = 'milhão.csv';
