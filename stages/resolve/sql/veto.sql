-- A document contradicts another one of its kind, so it keeps a group from a
-- prospect that it touches in any other way, and a group that stands between
-- prospects with different documents from all of them; groups with different
-- documents that meet at a prospect which has none are kept from it. A row by id
-- is kept from nobody: an edited document replaces the old one.
--
-- Writes vetoed: the edges that this takes out with the warning for it, firm ones even
-- of a prospect that the same rows founded before; and held_documents: the documents of each group,
-- under the one that their prospect shows where it has several, because people
-- made one prospect out of two. One that is shared tells a group only with its name.
create or replace table held_documents as
select distinct k.grp, document_kind(k.value) as kind, k.value,
       k.value || case when k.k1 in (select k1 from frequent) then chr(31) || k.stated_k2 else '' end as told,
       case when document_kind(p.f_document) = document_kind(k.value) then p.f_document else k.value end as shown
  from group_keys k left join base_keys b using (k1, k2) left join base_prospects p using (prospect_id)
  anti join rows r on r.row = k.grp and r.bateia_id is not null
 where k.kind = 3;

-- What a prospect shows: its document, or the one that a row by id gives to who has
-- none, as if that had come before.
create or replace table edited_documents as
select distinct n.prospect_id, document_kind(k.value) as kind, k.value as shown
  from rows r join edges e on e.b = r.row join base_nodes n on n.node = e.a join group_keys k on k.grp = r.row
 where r.bateia_id is not null and k.kind = 3;

create or replace view shown_documents as
select prospect_id, document_kind(f_document) as kind, f_document as shown from base_prospects where f_document is not null
union all
select e.* from edited_documents e anti join base_prospects p on p.prospect_id = e.prospect_id and document_kind(p.f_document) = e.kind;

create or replace table touched_documents as
select e.a as node, e.b as grp, s.kind, s.shown
  from edges e join base_nodes n on n.node = e.a join shown_documents s using (prospect_id)
  anti join rows r on r.row = e.b and r.bateia_id is not null;

create or replace table vetoed as
select node, grp, bool_or(firm) as firm, 'MATCH_CONFLICT' as code from (
  select t.node, t.grp, true as firm
    from touched_documents t semi join held_documents d on d.grp = t.grp and d.kind = t.kind
         anti join held_documents o on o.grp = t.grp and o.shown = t.shown
  union
  select t.node, t.grp, false
    from touched_documents t semi join (select grp from touched_documents group by grp, kind having count(distinct shown) > 1) torn on torn.grp = t.grp
         anti join held_documents o on o.grp = t.grp and o.shown = t.shown
  union
  select e.a, e.b, false
    from edges e join held_documents d on d.grp = e.b
    semi join (select x.a, y.kind
                 from edges x join held_documents y on y.grp = x.b
                 anti join touched_documents t on t.node = x.a and t.kind = y.kind
                group by x.a, y.kind having count(distinct y.shown) > 1) torn on torn.a = e.a and torn.kind = d.kind)
 group by node, grp;

drop table touched_documents;
