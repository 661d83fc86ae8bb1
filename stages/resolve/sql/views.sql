-- The plan as people look at it: with the ids that the prospects have or will have.
create or replace view plan_rows as
select o.row, o.outcome, o.reason, case when o.target > 0 then prospect_of(o.target) else n.prospect_id end as prospect_id, o.first_row
  from plan_outcomes o left join base_nodes n on n.node = o.target;

-- The issues as they may leave the workset: of who is to be forgotten nothing is kept,
-- not even a cell in a warning.
create or replace view told_issues as
select * replace (case when row in (select row from silent) then null else value end as value,
                  case when row in (select row from silent) then null else shape end as shape)
  from issues;
