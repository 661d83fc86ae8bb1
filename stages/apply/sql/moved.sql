-- Writes moved: the prospects whose action, target or old values are not what the
-- confirmed plan showed.
create or replace table moved as
select o.target
  from plan_outcomes o semi join (
       -- another outcome or another prospect
       select n.row from plan_rows n join prior_rows p using (row)
        where n.outcome is distinct from p.outcome or n.prospect_id is distinct from p.prospect_id) differing on differing.row = o.row
 where o.target is not null
union
select n.target
  from plan_updates n left join prior_updates p using (prospect_id)
 where n.action is distinct from p.action or n.changed is distinct from p.changed
union
-- others who merge, or who hold something else: it flows into the survivor
select n.node
  from base_nodes n semi join (
       (select survivor_id as prospect_id, merged_id, held from plan_merges except select survivor_id, merged_id, held from prior_merges)
       union
       (select survivor_id, merged_id, held from prior_merges except select survivor_id, merged_id, held from plan_merges)) c using (prospect_id)
union
-- other values
select n.node
  from base_nodes n semi join (
       (select prospect_id, field, old, new from plan_changes except select prospect_id, field, old, new from prior_changes)
       union
       (select prospect_id, field, old, new from prior_changes except select prospect_id, field, old, new from plan_changes)) c using (prospect_id);
