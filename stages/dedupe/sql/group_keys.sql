-- Writes group_keys: every key of every group once, as its first row states it.
-- A key that two groups carry after the guards is disputed: it joins nobody, and
-- belongs to each of them under a key of its own.
create or replace table group_keys as
select g.grp, k.k1, k.k2, min(k.kind) as kind, min(k.value) as value, bool_and(k.joins) as joins,
       min(k.row) as row, arg_min(k.seq, (k.row, k.seq)) as seq, false as disputed
  from keys k join row_groups g using (row)
 group by g.grp, k.k1, k.k2;

create or replace temp table disputed as
select k1, k2 from group_keys semi join apart on true group by k1, k2 having count(*) > 1;

update group_keys
   set joins = false, disputed = true,
       k2 = (('0x' || left(sha256(kind || ':' || value || chr(30) || getvariable('import_id') || ':' || grp), 16))::ubigint::bit)::bigint
  from disputed
 where group_keys.k1 = disputed.k1 and group_keys.k2 = disputed.k2;

drop table disputed;
