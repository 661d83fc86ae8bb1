-- Leads by import and row. $1 account, $2 imports, $3 rows.
select l.import_id, l.row, l.sheet_row, l.prospect_id, l.statement, l.keys, l.by_id, l.tag_ids, l.extra::text /*fields*/
  from unnest($2::bigint[], $3::bigint[]) u (import_id, row)
  join leads l on l.account_id = $1 and l.import_id = u.import_id and l.row = u.row
