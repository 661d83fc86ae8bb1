-- Decisions that are in force again. $1 account, $2 decisions.
update decisions d set revoked_at = null
  from imports n
 where d.account_id = $1 and d.decision_id = any($2) and n.account_id = d.account_id and n.import_id = d.import_id and n.state = 'applied'
