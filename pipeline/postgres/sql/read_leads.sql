-- The leads of account $1 with the given imports ($2) and rows ($3), in
-- parallel arrays, oldest first, each as JSON of its values that are not null.
-- /*fields*/ is replaced by the catalogue's columns.
select l.import_id, l.row, l.sheet_row, l.outcome, i.file_name, i.created_at,
       array(select d.kind || ':' || d.value from bateia.identities d where d.account_id = l.account_id and d.key = any (l.keys) order by d.kind, d.value),
       l.extra::text,
       jsonb_strip_nulls(jsonb_build_object(/*fields*/))::text
from unnest($2::bigint[], $3::bigint[]) as want(import_id, row)
join bateia.leads l on l.account_id = $1 and l.import_id = want.import_id and l.row = want.row
join bateia.imports i on i.account_id = l.account_id and i.import_id = l.import_id
order by l.import_id, l.row
