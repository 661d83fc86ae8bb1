-- A key that two groups carry after the guards took some apart is disputed: it
-- joins nobody, and belongs to each of them under a key of its own. A group may
-- hold a value under several, with different names. A row by id disputes nothing.
create or replace temp table disputed as
select k1, k2 from group_keys semi join touching using (k1, k2)
  anti join (select row as grp from rows where bateia_id is not null) named using (grp)
 group by k1, k2 having count(*) > 1;

update group_keys
   set joins = false, disputed = true,
       k2 = (('0x' || left(sha256(kind || ':' || value || chr(30) || s.side || chr(30) || stated_k2), 16))::ubigint::bit)::bigint
  from disputed, group_sides s
 where s.grp = group_keys.grp and group_keys.k1 = disputed.k1 and group_keys.k2 = disputed.k2;

drop table disputed;
