-- Decisions that can be in force again. $1 account, $2 decisions.
select d.decision_id, d.kind, d.import_id, coalesce(n.applied_no, 0), d.subject
  from decisions d join imports n on n.account_id = d.account_id and n.import_id = d.import_id and n.state = 'applied'
 where d.account_id = $1 and d.decision_id = any($2)
 order by d.decision_id
