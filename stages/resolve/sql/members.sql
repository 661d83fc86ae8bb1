-- Settles refusals, of which the lowest rank decides, and writes members, the rows
-- that go on with the number of their prospect, and heads, one row a prospect.
--
-- Writes silent: the rows of who is to be forgotten, whatever else they are refused
-- for. Their warnings keep their values here, because who is forgiven until the plan is
-- made again comes in with them.
create or replace table silent as select distinct row from refusals where reason = 'SUPPRESSED';

create or replace table refusals as
select row, min(rank) as rank, arg_min(outcome, rank) as outcome, arg_min(reason, rank) as reason from refusals group by row;

-- Of an edit in conflict the cells are named.
insert into issues
select f.row, c.column, c.field, case f.outcome when 'skipped' then 'warning' else 'error' end, f.reason, c.value, null
  from refusals f left join edit_conflicts c on f.reason = 'EDIT_CONFLICT' and c.row = f.row
 order by f.row, c.field;

-- Values in dispute belong to each group under keys of their own.
create or replace table disputed_keys as
select g.row, d.k1, d.stated_k2, d.k2 from group_keys d join row_groups g using (grp) where d.disputed;

-- Saying the same again under other keys is saying something else: the values of
-- such a row lead to other people. So the keys that do not join by themselves are
-- part of the statement, the second half of each by exclusive or.
create or replace table members as
with salts as (
  select k.row, bit_xor(coalesce(d.k2, k.k2)) as salt
    from keys k left join disputed_keys d on d.row = k.row and d.k1 = k.k1 and d.stated_k2 = k.k2
   where not k.joins or d.k2 is not null group by k.row)
select g.row, g.grp, t.target, xor(r.statement, coalesce(s.salt, 0)) as statement
  from row_groups g join targets t using (grp) join rows r using (row) left join salts s using (row) anti join refusals f on f.row = g.row anti join mute q on q.row = g.row;

create or replace table heads as
select target, min(row) as first_row, count(*) as rows, any_value(statement) as statement from members group by target;

delete from plan_merges where survivor not in (select target from heads);
