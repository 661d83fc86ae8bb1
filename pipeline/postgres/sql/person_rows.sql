-- Every row of a file that speaks of prospects $2 of account $1, those that merged
-- into them included: leads, rows that said the same again, and refused rows that
-- named one; and rows $4 of imports $3. With their issues, cells included.
with ids as (
  select unnest($2::text[]) as id union select alias_id from bateia.aliases where account_id = $1 and survivor_id = any ($2)),
said as (
  select p.account_id, l.import_id, l.row
    from ids join bateia.prospects p on p.account_id = $1 and p.prospect_id = ids.id
   cross join lateral unnest(p.lead_imports, p.lead_rows) as l(import_id, row)),
places as (
  select l.import_id, l.row, l.line, l.sheet_row, l.source_ref, l.outcome, null::text as reason_code
    from said s join bateia.leads l on l.account_id = $1 and l.import_id = s.import_id and l.row = s.row
  union
  select n.import_id, n.row, n.line, n.sheet_row, l.source_ref, 'seen', null
    from said s join bateia.leads l on l.account_id = $1 and l.import_id = s.import_id and l.row = s.row
    join bateia.seen_leads n on n.account_id = $1 and n.lead_import = s.import_id and n.lead_row = s.row
  union
  select o.import_id, o.row, o.line, o.sheet_row, o.source_ref, o.outcome, o.reason_code
    from bateia.row_outcomes o
   where o.account_id = $1 and (o.prospect_id in (select id from ids)
      or (o.import_id, o.row) in (select * from unnest($3::bigint[], $4::bigint[]))))
select jsonb_build_object(
  'import_id', bateia.import_id_text(p.import_id), 'file', i.file_name, 'row', p.row, 'line', p.line, 'sheet_row', p.sheet_row, 'source_ref', p.source_ref,
  'outcome', p.outcome, 'reason_code', p.reason_code, 'imported_at', i.created_at,
  'issues', (select coalesce(jsonb_agg(jsonb_build_object('code', e.code, 'severity', e.severity, 'column', e."column", 'field', e.field, 'value', e.value) order by e.seq), '[]')
               from bateia.issues e where e.account_id = $1 and e.import_id = p.import_id and e.row = p.row))::text
  from places p join bateia.imports i on i.account_id = $1 and i.import_id = p.import_id
 order by p.import_id, p.row
