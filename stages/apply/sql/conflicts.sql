-- Marks as conflict every row of a prospect whose action, target or old values
-- are not what the confirmed plan showed, and takes them out of the plan.
create or replace temp table moved as
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
-- others who merge
select n.node
  from base_nodes n semi join (
       (select survivor_id as prospect_id, merged_id from plan_merges except select survivor_id, merged_id from prior_merges)
       union
       (select survivor_id, merged_id from prior_merges except select survivor_id, merged_id from plan_merges)) c using (prospect_id)
union
-- other values
select n.node
  from base_nodes n semi join (
       (select prospect_id, field, old, new from plan_changes except select prospect_id, field, old, new from prior_changes)
       union
       (select prospect_id, field, old, new from prior_changes except select prospect_id, field, old, new from plan_changes)) c using (prospect_id);

insert into issues
select o.row, null, null, 'error', 'TARGET_CHANGED', null, null
  from plan_outcomes o semi join moved m on o.target = m.target
 where o.outcome not in ('rejected', 'skipped') order by o.row;

update plan_outcomes set outcome = 'conflict', reason = 'TARGET_CHANGED'
  from moved where plan_outcomes.target = moved.target and outcome not in ('rejected', 'skipped');

delete from plan_changes using plan_updates, moved
 where plan_changes.prospect_id = plan_updates.prospect_id and plan_updates.target = moved.target;
delete from plan_updates using moved where plan_updates.target = moved.target;
delete from heads using moved where heads.target = moved.target;
delete from plan_identities using moved where plan_identities.target = moved.target;
delete from plan_leads using moved where plan_leads.target = moved.target;
delete from plan_seen using members m, moved where plan_seen.row = m.row and m.target = moved.target;
delete from plan_merges using moved where plan_merges.survivor = moved.target;
delete from plan_tags using moved where plan_tags.target = moved.target;
delete from members using moved where members.target = moved.target;
drop table moved;
