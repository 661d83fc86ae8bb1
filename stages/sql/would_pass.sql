-- The rows that a replay takes up, by the code that refused each: how many there
-- are, and how many the plan would load.
select f.reason, count(*), count(*) filter (where o.outcome not in ('rejected', 'skipped', 'conflict'))
  from refused f left join plan_outcomes o using (row)
 group by f.reason
 order by f.reason
