-- Connections of account $1: the one with id $2, the one of folded name $3, or all
-- of them by name.
select c.connection_id, c.account_id, c.name, c.app_key, c.sealed, c.state, coalesce(c.code, ''), c.settings::text,
       c.watermark, c.next_run, c.last_success, c.last_full, c.empty_runs, c.runs, c.sellers::text, coalesce(c.import_id, 0), c.told,
       c.created_at, (select due_at from bateia.omie_schedules s where s.connection_id = c.connection_id)
  from bateia.connections c
 where c.account_id = $1 and ($2::int is null or c.connection_id = $2) and ($3::text is null or c.folded = $3)
 order by c.folded
