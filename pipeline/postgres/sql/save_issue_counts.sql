-- Replaces the issue counts of import $2 of account $1 by the JSON array $3 (type
-- schemas.IssueCount), which names each code and severity once.
with input as (
  select * from jsonb_to_recordset($3) as t(code text, severity text, rows bigint)
), gone as (
  delete from bateia.issue_counts c
  where account_id = $1 and import_id = $2
    and not exists (select from input i where i.code = c.code and i.severity = c.severity)
)
insert into bateia.issue_counts (account_id, import_id, code, severity, rows)
select $1, $2, code, severity, rows from input
on conflict (account_id, import_id, code, severity) do update set rows = excluded.rows
