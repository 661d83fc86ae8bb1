-- Gives rows by id, for values that their prospect has under other keys, the lowest of
-- those: then saying them again adds none. Whose side a key was made for does not
-- matter to a row that names its prospect.
create or replace temp table kept as
select k.grp, k.k1, k.k2 as old_k2, min(o.k2) as k2
  from rows r join base_ids i using (bateia_id) join group_keys k on k.grp = r.row
  join own_values o on o.prospect_id = i.prospect_id and o.k1 = k.k1
 where not k.joins and not k.disputed
 group by k.grp, k.k1, k.k2 having not bool_or(o.k2 = k.k2);

insert into moved_keys
select m.*, k.joins, k.disputed from kept m join group_keys k on k.grp = m.grp and k.k1 = m.k1 and k.k2 = m.old_k2;

update group_keys set disputed = true, k2 = kept.k2
  from kept
 where group_keys.grp = kept.grp and group_keys.k1 = kept.k1 and group_keys.k2 = kept.old_k2;

insert into base_keys
select o.* from own_values o semi join kept m on m.k1 = o.k1 and m.k2 = o.k2
  anti join base_keys b on b.k1 = o.k1 and b.k2 = o.k2;

drop table kept; drop table own_values;
