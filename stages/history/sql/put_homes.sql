-- Leads of an import that is taken back, at the place of the first row of another
-- import that said the same. The row itself stays in the history. $1 account.
insert into leads (account_id, import_id, row, line, sheet_row, byte_offset, byte_length, source_ref, prospect_id, outcome, statement, keys, by_id, tag_ids, extra /*columns*/)
select l.account_id, h.import_id, h.row, h.line, h.sheet_row, h.byte_offset, h.byte_length, l.source_ref, h.prospect_id, coalesce(s.outcome, 'unchanged'), h.statement, h.keys, l.by_id, l.tag_ids, l.extra /*fields*/
  from history_homes h
 cross join lateral (select * from leads x where x.account_id = $1 and x.import_id = h.from_import and x.row = h.from_row offset 0) l
  left join lateral (select outcome from seen_leads y where y.account_id = $1 and y.lead_import = h.from_import and y.lead_row = h.from_row
                        and y.import_id = h.import_id and y.row = h.row offset 0) s on true
 order by h.import_id, h.row
