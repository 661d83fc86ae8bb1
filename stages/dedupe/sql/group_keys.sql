-- Writes group_keys: every key of every group once, as its first row states it.
-- Keys of one row need no grouping. stated_k2 stays what the rows state when the
-- guards give a group a key of its own.
create or replace table group_keys as
select g.grp, k.k1, k.k2, k.kind, k.value, k.joins, k.row, k.seq, false as disputed, k.k2 as stated_k2
  from keys k join row_groups g using (row) anti join touching t on t.k1 = k.k1 and t.k2 = k.k2
union all
select g.grp, k.k1, k.k2, any_value(k.kind), any_value(k.value), any_value(k.joins), min(k.row), arg_min(k.seq, k.row), false, k.k2
  from keys k join row_groups g using (row) semi join touching t on t.k1 = k.k1 and t.k2 = k.k2
 group by g.grp, k.k1, k.k2;
