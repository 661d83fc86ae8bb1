-- Settles refusals, of which the lowest rank decides, and writes members, the rows
-- that go on with the number of their prospect, and heads, one row a prospect.
create or replace table refusals as
select row, min(rank) as rank, arg_min(outcome, rank) as outcome, arg_min(reason, rank) as reason from refusals group by row;

insert into issues
select row, null, null, case outcome when 'rejected' then 'error' else 'warning' end, reason, null, null
  from refusals order by row;

create or replace table members as
select g.row, g.grp, t.target, r.statement
  from row_groups g join targets t using (grp) join rows r using (row) anti join refusals f on f.row = g.row;

create or replace table heads as
select target, min(row) as first_row, count(*) as rows from members group by target;

delete from plan_merges where survivor not in (select target from heads);
