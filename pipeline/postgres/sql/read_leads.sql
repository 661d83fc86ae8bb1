-- What was said of the prospect $2 of account $1 and of those that merged into
-- it, by imports that count, in the order in which values are made of it: every
-- lead, and again wherever an import saw it. Values are JSON of those that are not
-- null; identities come with a lead only, as <kind>:<canonical value>, and the
-- fields of columns with imports only whose blank cells clear. /*fields*/ is
-- replaced by the catalogue's columns.
select s.import_id, s.row, s.lead_import, s.lead_row, s.sheet_row, coalesce(s.source_ref, ''), s.by_id,
       coalesce(l.outcome, ''), i.file_name, i.created_at, coalesce(i.applied_no, 0), i.rank, o.source_id, o.kind, o.system, o.name, o.instance,
       coalesce(i.request->'mapping'->'options', '{}')::text,
       case when i.request->'mapping'->'options'->>'blank' = 'clear' then
         array(select c.field from bateia.import_columns c where c.account_id = i.account_id and c.import_id = i.import_id and c.imported) end,
       case when l.row is not null then
         array(select d.kind || ':' || d.value from bateia.identities d where d.account_id = s.account_id and d.key = any (s.keys) order by d.kind, d.value) end,
       s.extra::text,
       jsonb_strip_nulls(jsonb_build_object(/*fields*/))::text
from bateia.prospects p
cross join lateral unnest(p.lead_imports, p.lead_rows) as held(import_id, row)
join bateia.statements s on s.account_id = p.account_id and s.lead_import = held.import_id and s.lead_row = held.row
join bateia.imports i on i.account_id = s.account_id and i.import_id = s.import_id and i.state = 'applied'
join bateia.sources o on o.account_id = i.account_id and o.source_id = i.source_id
left join bateia.leads l on l.account_id = s.account_id and l.import_id = s.import_id and l.row = s.row
     and s.lead_import = s.import_id and s.lead_row = s.row
where p.account_id = $1 and p.prospect_id = $2
order by i.applied_no nulls first, s.import_id, s.row
