-- What a plan does with the rows from $1 to below $2, in file order. Changes
-- stand at the row that speaks for its prospect, as a JSON array: for a prospect
-- that exists old and new values, for a new one its values. /*fields*/ is
-- replaced by the JSON of the values of plan_prospects.
with changed as (
  select prospect_id, to_json(list(json_object('field', field, 'old', old, 'new', new) order by field))::varchar as changes
  from plan_changes
  group by prospect_id
)
select p.row, r.line, r.sheet_row, p.outcome, coalesce(p.reason, '') as reason, coalesce(p.prospect_id, '') as prospect_id,
       coalesce(p.first_row, 0) as first_row, coalesce(t.action, '') as action,
       case when t.first_row = p.row and t.action = 'create' then to_json([/*fields*/])::varchar
            when t.first_row = p.row then c.changes end as changes,
       case when t.first_row = p.row then to_json(list_filter(t.changed, x -> x in ('identities', 'lists', 'tags')))::varchar else '[]' end as also,
       r.source_ref
from plan_rows p
join rows r using (row)
left join plan_prospects t on t.prospect_id = p.prospect_id
left join changed c on c.prospect_id = p.prospect_id
where p.row >= $1 and p.row < $2
order by p.row
