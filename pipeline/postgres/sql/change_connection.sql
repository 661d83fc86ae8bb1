-- Writes connection $2 of account $1 and when it is due.
with changed as (
  update bateia.connections
     set app_key = $3, sealed = $4, state = $5, code = nullif($6, ''), settings = $7, watermark = $8,
         last_success = $9, last_full = $10, empty_runs = $11, runs = $12, sellers = $13, import_id = $14, told = $15, next_run = $17
   where account_id = $1 and connection_id = $2
  returning connection_id, account_id, folded)
insert into bateia.omie_schedules (connection_id, account_id, folded, due_at)
select connection_id, account_id, folded, $16::timestamptz from changed
on conflict (connection_id) do update set due_at = excluded.due_at
