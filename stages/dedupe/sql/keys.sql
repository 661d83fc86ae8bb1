-- Writes keys: the identities of the import with the strength they have in it.
-- A joining value that the import carries with more than max_names different
-- names is shared here: it joins only together with the same name. A row that
-- names nobody counts as no name.
create or replace table frequent as
with often as (
  select k1, k2 from identities where joins group by k1, k2 having count(*) > getvariable('max_names'))
select i.k1, i.k2
  from often join identities i using (k1, k2) join rows r using (row)
 where i.joins and r.name_key <> ''
 group by i.k1, i.k2
having count(distinct r.name_key) > getvariable('max_names');

create or replace table keys as
select i.row, i.seq, i.kind, i.value, i.joins, i.k1, i.k2
  from identities i anti join frequent f using (k1, k2);

-- The second half of a shared key is the first eight bytes of SHA-256 over kind,
-- value and folded name, as schemas/identity.SharedKey makes it.
insert into keys
select i.row, i.seq, i.kind, i.value, false, i.k1,
       (('0x' || left(sha256(i.kind || ':' || i.value || chr(31) || r.name_key), 16))::ubigint::bit)::bigint
  from frequent join identities i using (k1, k2) join rows r using (row);

insert into issues
select i.row, null, case i.kind when 1 then 'phone' when 2 then 'email' when 3 then 'document' when 5 then 'instagram' when 6 then 'telegram' else 'external_id' end,
       'warning', 'IDENTITY_SHARED', i.value, null
  from frequent join identities i using (k1, k2)
 order by i.row, i.seq;
