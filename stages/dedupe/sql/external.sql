-- Writes stated for accounts that join by external ids alone: every other value
-- belongs to the row's own side, its external ids or, without any, the prospect that it
-- names or what it says. So the same file again still finds what it founded.
create or replace table stated as
with sides as (
  select r.row, coalesce(string_agg(i.value, ' ' order by i.value) filter (where i.kind = 4), r.bateia_id, r.statement::varchar) as side
    from rows r join identities i using (row) group by r.row, r.bateia_id, r.statement)
select i.row, i.seq, i.kind, i.value, i.kind = 4 and i.joins as joins, i.k1,
       case when i.kind = 4 then i.k2
            else (('0x' || left(sha256(i.kind || ':' || i.value || chr(30) || s.side), 16))::ubigint::bit)::bigint end as k2
  from identities i join sides s using (row);
