-- Documents keep prospects apart that several groups would join one after the
-- other. edges holds the components of the groups between prospects, drawn all
-- edges. Writes vetoed: in a component with two documents of one kind every such
-- group is kept from all prospects but those that own a document of it. edges is
-- again what it was.
create or replace temp table ends as
select a as node, a as root from edges union select b, a from edges;

create or replace temp table torn as
select distinct root from (
  select x.root, s.kind, s.shown
    from ends x join base_nodes n using (node) join shown_documents s using (prospect_id)
  union
  select x.root, h.kind, h.shown from held_documents h join drawn d on d.b = h.grp join ends x on x.node = d.a)
 group by root, kind having count(distinct shown) > 1;

create or replace table vetoed as
select d.a as node, d.b as grp, false as firm, 'MATCH_CONFLICT' as code
  from drawn d join ends x on x.node = d.b semi join torn using (root)
  anti join (select k.grp, n.node from group_keys k join base_keys b using (k1, k2) join base_nodes n using (prospect_id) where k.kind = 3) own
         on own.grp = d.b and own.node = d.a;

create or replace table edges as select * from drawn;

drop table ends; drop table torn; drop table drawn;
