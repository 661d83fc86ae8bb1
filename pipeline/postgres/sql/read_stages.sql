-- The stages of import $2 of account $1 as they began, newest attempt of each.
-- A stage that runs has no seconds yet.
select stage, attempt, coalesce(seconds, 0), coalesce(rows, 0), coalesce(bytes, 0), finished_at is not null
from (
  select distinct on (stage) *
  from bateia.import_stages
  where account_id = $1 and import_id = $2
  order by stage, attempt desc
) s
order by started_at, stage
