-- Sightings of leads. $1 account, $2 imports of the leads, $3 their rows.
select s.lead_import, s.lead_row, s.import_id, s.row, s.line, s.sheet_row, s.byte_offset, s.byte_length
  from unnest($2::bigint[], $3::bigint[]) u (import_id, row)
  join seen_leads s on s.account_id = $1 and s.lead_import = u.import_id and s.lead_row = u.row
