-- Takes out the edges in vetoed: the group founds its own prospect, or goes to the
-- one that it founded before, which a key of its own leads to, and the values in
-- dispute belong to it under such keys, which join nobody.
delete from vetoed using key_edges l, group_keys k
 where not vetoed.firm and l.grp = vetoed.grp and l.node = vetoed.node and k.grp = l.grp and k.k1 = l.k1 and k.k2 = l.k2 and k.disputed;

delete from vetoed using own_found f, own_keys o, base_nodes n
 where not vetoed.firm and o.grp = vetoed.grp and f.k1 = o.k1 and f.k2 = o.k2 and n.prospect_id = f.prospect_id and n.node = vetoed.node;

delete from edges using vetoed where edges.a = vetoed.node and edges.b = vetoed.grp;

create or replace temp table moving as
select distinct o.grp, o.k1, o.old_k2, o.k2
  from own_keys o join key_edges l on l.grp = o.grp and l.k1 = o.k1 and l.k2 = o.old_k2 semi join vetoed v on v.grp = l.grp and v.node = l.node;

-- What hangs too much together is said of every row, as within a file, under the
-- field by which they met: no field means that the file alone said it.
insert into issues
select m.row, null, 'document', 'warning', 'MATCH_CONFLICT', null, null
  from (select min(g.row) as row from row_groups g semi join vetoed v on g.grp = v.grp and v.code = 'MATCH_CONFLICT' group by g.grp) m
  anti join issues i on i.row = m.row and i.code = 'MATCH_CONFLICT' and i.field = 'document'
union all
select g.row, null, case m.kind when 1 then 'phone' when 2 then 'email' when 3 then 'document' when 5 then 'instagram' when 6 then 'telegram' else 'external_id' end,
       'warning', 'MATCH_COMPONENT_TOO_LARGE', null, null
  from row_groups g
  join (select k.grp, min(k.kind) as kind
          from moving m join group_keys k on k.grp = m.grp and k.k1 = m.k1 and k.k2 = m.old_k2 semi join vetoed v on v.grp = k.grp and v.code = 'MATCH_COMPONENT_TOO_LARGE'
         group by k.grp) m on m.grp = g.grp
  anti join issues i on i.row = g.row and i.code = 'MATCH_COMPONENT_TOO_LARGE';

insert into moved_keys
select m.*, k.joins, k.disputed from moving m join group_keys k on k.grp = m.grp and k.k1 = m.k1 and k.k2 = m.old_k2;

update group_keys set joins = false, disputed = true, k2 = moving.k2
  from moving
 where group_keys.grp = moving.grp and group_keys.k1 = moving.k1 and group_keys.k2 = moving.old_k2;

insert into base_keys
select f.* from own_found f semi join moving m on m.k1 = f.k1 and m.k2 = f.k2
  anti join base_keys b on b.k1 = f.k1 and b.k2 = f.k2;

drop table moving;
