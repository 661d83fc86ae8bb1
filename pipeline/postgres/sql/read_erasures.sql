-- Erasures of account $1, newest first; only $2 when that is not 0.
select e.erasure_id, e.state, e.requested_by, e.uploads, e.removed::text, e.asked_at, e.finished_at,
       (select count(*) from bateia.suppressions s where s.account_id = e.account_id and s.erasure_id = e.erasure_id)
  from bateia.erasures e
 where e.account_id = $1 and ($2 = 0 or e.erasure_id = $2)
 order by e.erasure_id desc
