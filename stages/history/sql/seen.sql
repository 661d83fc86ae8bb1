-- Sightings of leads. $1 account, $2 imports of the leads, $3 their rows. The way
-- is set as for leads.
select s.lead_import, s.lead_row, s.import_id, s.row, s.line, s.sheet_row, s.byte_offset, s.byte_length
  from unnest($2::bigint[], $3::bigint[]) u (import_id, row)
 cross join lateral (select * from seen_leads x where x.account_id = $1 and x.lead_import = u.import_id and x.lead_row = u.row offset 0) s
