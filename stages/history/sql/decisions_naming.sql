-- Decisions, also revoked ones, that name a prospect. $1 account, $2 an import whose
-- decisions are left out, $3 the prospect.
select d.decision_id, d.kind, d.import_id, coalesce(n.applied_no, 0), d.subject
  from decisions d left join imports n on n.account_id = d.account_id and n.import_id = d.import_id
 where d.account_id = $1 and d.kind in ('merge', 'split', 'unmerge') and d.import_id is distinct from $2 and strpos(d.subject::text, $3) > 0
 order by d.decision_id
