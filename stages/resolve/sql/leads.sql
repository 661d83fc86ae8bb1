-- Writes plan_leads: the distinct statements of the import, each at its first
-- row. A statement that a prospect already holds is seen, not stored again.
create or replace table plan_leads as
select m.row, m.target, m.statement
  from members m join heads h using (target)
 where h.rows = 1 and h.target > 0
union all
select min(m.row), m.target, m.statement
  from members m join heads h using (target)
  anti join base_leads b on b.target = m.target and b.statement = m.statement
 where h.rows > 1 or h.target < 0
 group by m.target, m.statement;
