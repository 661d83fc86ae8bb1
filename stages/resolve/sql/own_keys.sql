-- Writes own_keys: for each key by which a vetoed group touches prospects the key
-- of its own. It is made of what the group is told by, its documents or the lowest
-- of its statements, so that the same rows again, in whatever order, find what they
-- founded. A group may hold a shared value under several names.
create or replace table own_keys as
select distinct k.grp, k.k1, k.k2 as old_k2,
       (('0x' || left(sha256(k.kind || ':' || k.value || chr(30) || coalesce(d.documents, s.side) || case when k.joins then '' else chr(30) || k.stated_k2 end), 16))::ubigint::bit)::bigint as k2
  from (select distinct grp, k1, k2 from key_edges semi join vetoed using (grp)) l join group_keys k using (grp, k1, k2)
       join (select g.grp, min(r.statement)::varchar as side from row_groups g semi join vetoed v on v.grp = g.grp join rows r using (row) group by g.grp) s on s.grp = k.grp
       left join (select grp, string_agg(told, ' ' order by told) as documents from held_documents group by grp) d on d.grp = k.grp;
