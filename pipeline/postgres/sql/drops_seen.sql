-- Which of the objects (keys $3, listed versions $4, in parallel) of bucket $2
-- account $1 has not registered: their positions, from 0.
select (o.ord - 1)::int
from unnest($3::text[], $4::text[]) with ordinality as o(key, version, ord)
where not exists (
  select from bateia.drops d
  where d.account_id = $1 and d.bucket = $2 and d.key = o.key and d.version = o.version)
order by o.ord
