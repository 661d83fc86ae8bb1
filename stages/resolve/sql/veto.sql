-- A document contradicts another one of its kind, so it keeps a group from a
-- prospect that it touches in any other way, and a group that stands between
-- prospects with different documents from all of them; groups with different
-- documents that meet at a prospect which has none are kept from it, but for rows
-- by id. The group then founds its own prospect, and the values in dispute belong
-- to it under keys of their own, which join nobody.
create or replace temp table group_documents as
select distinct grp, document_kind(value) as kind, value from group_keys where kind = 3;

create or replace temp table touched as
select e.a as node, e.b as grp, p.f_document as document, document_kind(p.f_document) as kind
  from edges e join base_nodes n on n.node = e.a join base_prospects p using (prospect_id)
 where p.f_document is not null;

create or replace temp table vetoed as
select t.node, t.grp
  from touched t semi join group_documents d on d.grp = t.grp and d.kind = t.kind
       anti join group_documents o on o.grp = t.grp and o.value = t.document
union
select t.node, t.grp
  from touched t semi join (select grp from touched group by grp, kind having count(distinct document) > 1) torn on torn.grp = t.grp
       anti join group_documents o on o.grp = t.grp and o.value = t.document
union
select e.a, e.b
  from edges e join group_documents d on d.grp = e.b
  semi join (select x.a, y.kind
               from edges x join group_documents y on y.grp = x.b
               anti join touched t on t.node = x.a and t.kind = y.kind
               anti join rows r on r.row = x.b and r.bateia_id is not null
              group by x.a, y.kind having count(distinct y.value) > 1) torn on torn.a = e.a and torn.kind = d.kind
  anti join rows r on r.row = e.b and r.bateia_id is not null;

delete from edges using vetoed where edges.a = vetoed.node and edges.b = vetoed.grp;

insert into issues
select min(g.row), null, 'document', 'warning', 'MATCH_CONFLICT', null, null
  from row_groups g semi join vetoed v on g.grp = v.grp group by g.grp;

-- The keys of their own are made of what the group is told by, its documents or
-- its first statement, so that the same file again finds what it founded.
insert into moved_keys
select distinct k.grp, k.k2, k.k1,
       (('0x' || left(sha256(k.kind || ':' || k.value || chr(30) || coalesce(d.documents, r.statement::varchar)), 16))::ubigint::bit)::bigint
  from group_keys k join base_keys b using (k1, k2) join base_nodes n on n.prospect_id = b.prospect_id
       join vetoed v on v.node = n.node and v.grp = k.grp
       join rows r on r.row = k.grp
       left join (select grp, string_agg(value, ' ' order by value) as documents from group_documents group by grp) d on d.grp = k.grp
 where k.joins;

update group_keys set joins = false, disputed = true, k2 = moved_keys.k2
  from moved_keys
 where group_keys.grp = moved_keys.grp and group_keys.k1 = moved_keys.k1 and group_keys.k2 = moved_keys.old_k2;

drop table group_documents; drop table touched; drop table vetoed;
