-- Stores the issues on the file as a whole of import $2 of account $1, from the
-- JSON array $3 (type schemas.FileIssue).
insert into bateia.issues (account_id, import_id, seq, severity, code, "column")
select $1, $2, ord, i ->> 'severity', i ->> 'code',
  (select string_agg(n, ', ') from jsonb_array_elements_text(case when jsonb_typeof(i -> 'names') = 'array' then i -> 'names' else '[]' end) as n)
from jsonb_array_elements($3) with ordinality as t(i, ord)
on conflict do nothing
