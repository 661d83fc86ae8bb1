-- A document contradicts another one of its kind, so it keeps a group from a
-- prospect that it touches in any other way, and a group that stands between
-- prospects with different documents from all of them. The group then founds its
-- own prospect, and the values in dispute belong to it under keys of their own,
-- which join nobody.
create or replace temp table group_documents as
select distinct grp, document_kind(value) as kind, value from group_keys where kind = 3;

create or replace temp table touched as
select e.a as prospect_id, substr(e.b, 2)::bigint as grp, p.f_document as document
  from edges e join base_prospects p on p.prospect_id = e.a;

create or replace temp table vetoed as
select t.prospect_id, t.grp
  from touched t
 where t.document is not null
   and exists (select 1 from group_documents d where d.grp = t.grp and d.kind = document_kind(t.document))
   and not exists (select 1 from group_documents d where d.grp = t.grp and d.value = t.document)
union
select t.prospect_id, t.grp
  from touched t
 where t.grp in (select grp from touched where document is not null group by grp, document_kind(document) having count(distinct document) > 1)
   and not exists (select 1 from group_documents d where d.grp = t.grp and d.value = t.document);

delete from edges using vetoed
 where edges.a = vetoed.prospect_id and edges.b = '~' || printf('%019d', vetoed.grp);

insert into issues
select min(g.row), null, null, 'warning', 'MATCH_CONFLICT', null, null
  from row_groups g semi join vetoed v on g.grp = v.grp group by g.grp;

create or replace temp table disputed as
select distinct k.grp, k.k1, k.k2
  from group_keys k join base_keys b using (k1, k2) join vetoed v on v.prospect_id = b.prospect_id and v.grp = k.grp;

update group_keys
   set joins = false, disputed = true,
       k2 = (('0x' || left(sha256(kind || ':' || value || chr(30) || getvariable('import_id') || ':' || group_keys.grp), 16))::ubigint::bit)::bigint
  from disputed
 where group_keys.grp = disputed.grp and group_keys.k1 = disputed.k1 and group_keys.k2 = disputed.k2;

drop table group_documents; drop table touched; drop table vetoed; drop table disputed;
