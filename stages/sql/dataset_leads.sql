-- Leads of an import that was just applied, as the dataset has them. :id is the
-- import's id as text, :now when it was registered.
select ':id:' || l.row, ':id', l.row, r.sheet_row, r.source_ref, o.outcome,
       case when l.target > 0 then prospect_of(l.target) else n.prospect_id end,
       {phone}, {email}, {document}, {name}, make_timestamp(:now)::timestamptz
  from rows r
  join plan_leads l using (row)
  join plan_outcomes o using (row)
  left join base_nodes n on n.node = l.target
