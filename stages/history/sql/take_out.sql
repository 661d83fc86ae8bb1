-- Fills history_homes with the leads that rows of an import are to be of their own: the
-- first row of each lead that they saw again. Returns the lead and the row. $1 account, $2
-- import, $3 rows.
insert into history_homes (from_import, from_row, import_id, row, line, sheet_row, byte_offset, byte_length, prospect_id, statement, keys)
select distinct on (s.lead_import, s.lead_row) s.lead_import, s.lead_row, s.import_id, s.row, s.line, s.sheet_row, s.byte_offset, s.byte_length, l.prospect_id, l.statement, l.keys
  from seen_leads s
 cross join lateral (select * from leads x where x.account_id = $1 and x.import_id = s.lead_import and x.row = s.lead_row offset 0) l
 where s.account_id = $1 and s.import_id = $2 and s.row = any($3)
 order by s.lead_import, s.lead_row, s.row
returning from_import, from_row, import_id, row
