-- Marks as conflict every row of a prospect in moved, and takes them out of the plan.
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
