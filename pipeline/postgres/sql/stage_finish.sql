-- Stage $3 of attempt $4 at import $2 of account $1 ended after $5 seconds (null:
-- since it began), with $6 rows and $7 bytes.
update bateia.import_stages
set finished_at = clock_timestamp(), rows = $6, bytes = $7,
    seconds = coalesce(nullif($5::double precision, 0), extract(epoch from clock_timestamp() - started_at))
where account_id = $1 and import_id = $2 and stage = $3 and attempt = $4
