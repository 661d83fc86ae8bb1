-- A frequent value is a shared one here: it joins only together with the same
-- name. The second half of a shared key is the first eight bytes of SHA-256 over
-- kind, value and folded name, as schemas/identity.SharedKey makes it.
create or replace temp table renamed as
select i.row, i.seq, i.kind, i.value, false as joins, i.k1,
       (('0x' || left(sha256(i.kind || ':' || i.value || chr(31) || r.name_key), 16))::ubigint::bit)::bigint as k2
  from frequent join stated i using (k1, k2) join rows r using (row);

create table keys as
select i.* from stated i anti join frequent f using (k1, k2)
union all
select * from renamed;

-- A row by id joins nobody through these either.
insert into touching
select k1, k2, min(row), count(*), false
  from renamed anti join (select row from rows where bateia_id is not null) named using (row)
 group by k1, k2 having max(row) > min(row);

delete from touching using frequent where touching.k1 = frequent.k1 and touching.k2 = frequent.k2;

insert into issues
select row, null, case kind when 1 then 'phone' when 2 then 'email' when 3 then 'document' when 5 then 'instagram' when 6 then 'telegram' else 'external_id' end,
       'warning', 'IDENTITY_SHARED', value, null
  from renamed order by row, seq;

drop table renamed;
