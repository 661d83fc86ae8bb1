-- Adds the warning MANIFEST_LATE to import $2 of account $1; no row when it has it.
with counted as (
  insert into bateia.issue_counts (account_id, import_id, code, severity, rows)
  values ($1, $2, 'MANIFEST_LATE', 'warning', 1)
  on conflict do nothing
  returning code
)
update bateia.imports i
set warnings = warnings + 1,
    facts = jsonb_set(jsonb_set(facts,
      '{issues}', coalesce(nullif(facts -> 'issues', 'null'), '[]') || jsonb_build_array(
        jsonb_build_object('code', 'MANIFEST_LATE', 'severity', 'warning', 'detail', 'bateia redo ' || bateia.import_id_text($2)))),
      '{by_code}', coalesce(nullif(facts -> 'by_code', 'null'), '[]') || '[{"code": "MANIFEST_LATE", "severity": "warning", "rows": 1}]')
from counted
where i.account_id = $1 and i.import_id = $2
