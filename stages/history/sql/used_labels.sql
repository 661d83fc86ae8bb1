-- Lists and tags that other imports name. $1 account, $2 the import that is taken
-- back.
select n.import_id, n.list, n.request -> 'mapping' ->> 'list', coalesce(n.request -> 'mapping' -> 'tags', '[]')
  from imports n
 where n.account_id = $1 and n.import_id <> $2 and n.state not in ('undone', 'rejected', 'failed', 'canceled')
 order by n.applied_no nulls last, n.import_id
