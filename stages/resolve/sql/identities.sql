-- Writes plan_identities: the keys that a prospect gains. The first row that
-- states a key wins it.
create or replace table plan_identities as
select t.target as prospect_id, k.k1, k.k2, k.kind, k.value, k.joins, k.row, k.seq
  from group_keys k join targets t using (grp)
  semi join heads h on h.target = t.target
  anti join base_keys b on b.k1 = k.k1 and b.k2 = k.k2
qualify row_number() over (partition by k.k1, k.k2 order by k.row, k.seq) = 1;

create or replace table gained as
select prospect_id, count(*) as identities from plan_identities group by prospect_id;
