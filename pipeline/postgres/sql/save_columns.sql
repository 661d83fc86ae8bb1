-- Replaces the columns of import $2 of account $1 by the JSON array $3 (type
-- schemas.Column).
with gone as (
  delete from bateia.import_columns
  where account_id = $1 and import_id = $2 and position >= jsonb_array_length($3)
)
insert into bateia.import_columns as c
  (account_id, import_id, position, name, field, type, confidence, reason, filled, valid, imported, distinct_values)
select $1, $2, t.position, t.name, t.field, coalesce(t.type, ''), t.confidence, t.reason, t.filled, t.valid, t.imported, t."distinct"
from jsonb_to_recordset($3) as t(position int, name text, field text, type text, confidence double precision,
  reason text, filled bigint, valid bigint, imported boolean, "distinct" bigint)
on conflict (account_id, import_id, position) do update
set name = excluded.name, field = excluded.field, type = excluded.type, confidence = excluded.confidence,
    reason = excluded.reason, filled = excluded.filled, valid = excluded.valid, imported = excluded.imported, distinct_values = excluded.distinct_values
