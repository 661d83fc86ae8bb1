-- The id of a source of account $1 (kind $2, system $3, name $4, instance $5),
-- made when it is missing. No row when another transaction made it meanwhile:
-- ask again.
with found as (
  select source_id from bateia.sources
  where account_id = $1 and kind = $2 and system = $3 and name = $4 and instance = $5
), made as (
  insert into bateia.sources (account_id, kind, system, name, instance)
  select $1, $2, $3, $4, $5 where not exists (select from found)
  on conflict do nothing
  returning source_id
)
select source_id from found union all select source_id from made
