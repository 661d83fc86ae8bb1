-- Leads by import and row. $1 account, $2 imports, $3 rows. After a large import
-- the planner knows nothing of the history yet, so the way is set: from the asked
-- ones, by the primary key.
select l.import_id, l.row, l.sheet_row, l.prospect_id, l.statement, l.keys, l.by_id, l.tag_ids, l.extra::text /*fields*/
  from unnest($2::bigint[], $3::bigint[]) u (import_id, row)
 cross join lateral (select * from leads x where x.account_id = $1 and x.import_id = u.import_id and x.row = u.row offset 0) l
