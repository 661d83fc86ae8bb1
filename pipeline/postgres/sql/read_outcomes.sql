-- The rows of import $2 of account $1 that became no lead, in file order, and
-- whether a later import took them: of a replay, one that took them from the same.
-- Those of a source that is no file stand by what that calls them, a number. Rows
-- of people who were erased are only counted.
select r.row, r.line, case when r.source_ref is null then r.sheet_row else r.source_ref::bigint end, r.byte_offset, r.byte_length, r.outcome, r.reason_code, r.codes, coalesce(r.prospect_id, ''),
       exists (select from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
                where v.account_id = $1 and v.import_id = coalesce(i.replay_of, $2) and v.row = r.row and v.taken and t.state = 'applied')
from bateia.row_outcomes r
join bateia.imports i on i.account_id = r.account_id and i.import_id = r.import_id
where r.account_id = $1 and r.import_id = $2 and 'ERASED' <> all (r.codes)
order by r.row
