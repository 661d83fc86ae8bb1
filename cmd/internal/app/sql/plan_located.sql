-- Rows of a plan from $1 to below $2, in file order, and where they lie in the
-- object, or what their source calls them, a number: for $3 'refused' those that become no lead, for 'issues' those with
-- any issue, for 'all' all.
select p.row, case when r.source_ref is null then r.sheet_row else r.source_ref::bigint end, r.byte_offset, r.byte_length, p.outcome, coalesce(p.reason, '') as reason, coalesce(p.prospect_id, '') as prospect_id
from plan_rows p
join rows r using (row)
where p.row >= $1 and p.row < $2
  and ($3 = 'all' or $3 = 'refused' and p.outcome in ('rejected', 'skipped', 'conflict')
       or $3 = 'issues' and p.row in (select i.row from issues i where i.row is not null))
order by p.row
