-- Snapshot $2 of account $1 lies at key $3 with $4 rows and $5 bytes.
update bateia.snapshots set state = 'done', key = $3, rows = $4, bytes = $5, finished_at = now()
where account_id = $1 and snapshot_id = $2
