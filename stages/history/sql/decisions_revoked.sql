-- Decisions of people that others revoked, which may be in force again. $1 account, $2 an
-- import whose decisions are left out.
select d.decision_id, d.kind, d.import_id, coalesce(n.applied_no, 0), d.subject
  from decisions d join imports n on n.account_id = d.account_id and n.import_id = d.import_id and n.state = 'applied'
 where d.account_id = $1 and d.revoked_at is not null and d.kind in ('merge', 'split', 'unmerge') and d.import_id is distinct from $2
 order by d.decision_id
