-- What an import decided. $1 account, $2 import.
select d.decision_id, d.kind, d.import_id, coalesce(n.applied_no, 0), d.subject
  from decisions d left join imports n on n.account_id = d.account_id and n.import_id = d.import_id
 where d.account_id = $1 and d.import_id = $2 and d.revoked_at is null order by d.decision_id
