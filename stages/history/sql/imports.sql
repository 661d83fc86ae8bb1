-- What imports say about their statements. $1 account, $2 imports.
select n.import_id, coalesce(n.applied_no, 0), n.state, n.rank, s.kind, n.source_id, n.list, n.request, 
       array(select c.field from import_columns c where c.account_id = n.account_id and c.import_id = n.import_id and c.imported), n.created_at
  from imports n join sources s on s.account_id = n.account_id and s.source_id = n.source_id
 where n.account_id = $1 and n.import_id = any($2)
