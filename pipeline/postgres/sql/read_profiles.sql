-- What was learnt of the last $4 applied imports of account $1 that are from the
-- same source as import $2 and into the same list, of at least $3 rows, the newest
-- first. Replays are parts of a file.
select i.facts::text
from bateia.imports i
join bateia.imports this on this.account_id = i.account_id and this.import_id = $2
where i.account_id = $1 and i.source_id = this.source_id and lower(i.list) = lower(this.list) and i.import_id <> $2
  and i.state = 'applied' and i.replay_of is null and i.rows_read >= $3
order by i.applied_no desc
limit $4
