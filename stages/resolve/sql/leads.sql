-- Writes plan_leads: the distinct statements of the import, each at its first
-- row, and plan_seen: the rows that say again what a lead says already, of the base
-- or, with a null import, of this one. Such a statement is not stored again.
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

create or replace table plan_seen as
with heard as (
  select m.row, m.target, m.statement from members m join heads h using (target) where h.rows > 1 or h.target < 0)
select h.row, b.lead_import, b.lead_row from heard h join base_leads b using (target, statement)
union all
select h.row, null, l.row from heard h join plan_leads l using (target, statement) where h.row > l.row;
