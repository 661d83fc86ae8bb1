-- Writes plan_identities: the keys that prospects gain. Within an import a key
-- belongs to one group, so it is gained once.
create or replace table plan_identities as
select t.target, k.k1, k.k2, k.kind, k.value, k.joins, k.row, k.seq
  from group_keys k join targets t using (grp)
  semi join heads h on h.target = t.target
  anti join (select g.grp from row_groups g join refusals using (row)) f on f.grp = k.grp
  anti join base_keys b on b.k1 = k.k1 and b.k2 = k.k2;
