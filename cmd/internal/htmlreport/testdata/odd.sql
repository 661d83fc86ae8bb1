-- Imports of account "default" that are odd: every state, and names that try
-- something. Read after world.sql.
select pg_temp.make(1, pg_temp.source('site'), '2026-11-20 15:00Z', 4000, 'fornecedores (cópia).xlsx', 'fornecedores', 'rejected', 'FILE_NOT_CSV', 0, 0, 0.2);
select pg_temp.make(1, pg_temp.source('loja centro'), '2026-11-23 15:00Z', 4001, '', 'clientes', 'failed', 'OMIE_INCOMPLETE', 0, 0, 31);
select pg_temp.make(1, pg_temp.source('feira-caxias'), '2026-11-24 15:00Z', 4002, 'lista antiga.csv', 'feira', 'undone', null, 1840, 60, 6);
select pg_temp.make(1, pg_temp.source('feira-caxias'), '2026-11-25 15:00Z', 4003, 'compradores.csv', 'feira', 'ready', 'TOO_MANY_ERRORS', 900, 410, 3);
select pg_temp.make(1, pg_temp.source('site'), '2026-11-25 16:00Z', 4004, 'teste.csv', '', 'canceled', null, 12, 2, 1);
select pg_temp.make(1, pg_temp.source('site'), '2026-11-28 17:59Z', 4005, 'agora.csv', '', 'received', null, 0, 0, 0);
select pg_temp.make(1, pg_temp.source('merge'), '2026-11-27 13:00Z', 4006, '', '', 'applied', null, 0, 0, 0.1);
select pg_temp.make(1, pg_temp.source('site'), '2026-11-28 12:00Z', 4007,
  '<script>alert(1)</script>"><svg onload=alert(2)>' || chr(8238) || 'vsc.exe' || chr(8236) || '.csv', '"><img src=x onerror=alert(3)>', 'applied', null, 4321, 87, 8);
select pg_temp.make(1, pg_temp.source('site'), '2026-11-28 13:00Z', 4008,
  repeat('contatos-da-feira-internacional-de-máquinas-', 9) || '名單清單一覽表🧾.csv', repeat('lista muito longa ', 12), 'applied', null, 1, 1, 0.001);
insert into bateia.sources (account_id, kind, name) values (1, 'upload', '"><svg onload=alert(4)>' || repeat('fonte', 30));
update bateia.imports set source_id = pg_temp.source('"><svg onload=alert(4)>' || repeat('fonte', 30)) where file_name like '<script>%';
update bateia.import_columns set name = '</td><script>alert(5)</script>' where position = 4
  and import_id = (select import_id from bateia.imports where file_name like '<script>%');
update bateia.import_columns set name = repeat('Nome da empresa ou do responsável pela compra ', 6) where position = 5
  and import_id = (select import_id from bateia.imports where file_name like '<script>%');
update bateia.issues set "column" = '<b onclick=alert(6)>Telefone</b>', shape = '<a&"' where code = 'PHONE_SCIENTIFIC'
  and import_id = (select import_id from bateia.imports where file_name like '<script>%');
update bateia.issues set shape = repeat('9', 190) where code = 'PHONE_INVALID' and pg_temp.pick(row, 0, 9) = 1;
-- Leads of the biggest file of the fair.
insert into bateia.leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, outcome, statement, keys)
  select 1, i.import_id, g, g, g, g, 9, 'ba' || lpad(to_hex(i.import_id), 14, '0') || lpad(g::text, 8, '0'), 'created', g, '{}'
  from bateia.imports i, generate_series(1, 3700) g where i.file_name = 'feira-12-11.csv';
