-- Marks as conflict every row of a prospect whose action, target or old values
-- are not what the confirmed plan showed, and takes them out of the plan.
create or replace temp table moved as
-- another outcome or another prospect
select coalesce(n.prospect_id, p.prospect_id) as prospect_id
  from plan_rows n join prior_rows p using (row)
 where n.outcome is distinct from p.outcome or n.prospect_id is distinct from p.prospect_id
union
select n.prospect_id
  from plan_prospects n left join prior_prospects p using (prospect_id)
 where n.action is distinct from p.action or n.changed is distinct from p.changed
union
-- other values
select prospect_id from (
  (select prospect_id, field, old, new from plan_changes except select prospect_id, field, old, new from prior_changes)
  union
  (select prospect_id, field, old, new from prior_changes except select prospect_id, field, old, new from plan_changes));

insert into issues
select r.row, null, null, 'error', 'TARGET_CHANGED', null, null
  from plan_rows r semi join moved m on r.prospect_id = m.prospect_id
 where r.outcome not in ('rejected', 'skipped') order by r.row;

update plan_rows set outcome = 'conflict', reason = 'TARGET_CHANGED'
  from moved where plan_rows.prospect_id = moved.prospect_id and outcome not in ('rejected', 'skipped');

delete from plan_prospects using moved where plan_prospects.prospect_id = moved.prospect_id;
delete from plan_changes using moved where plan_changes.prospect_id = moved.prospect_id;
delete from plan_identities using moved where plan_identities.prospect_id = moved.prospect_id;
delete from plan_leads using moved where plan_leads.prospect_id = moved.prospect_id;
delete from plan_merges using moved where plan_merges.survivor_id = moved.prospect_id;
drop table moved;
