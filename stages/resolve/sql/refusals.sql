-- Writes refusals: rows that this import's mode, an id or a suppression keeps
-- out. The lowest code of the order below decides; a group is skipped as a whole.
create or replace table refusals as
with found as (
  select row, 1 as rank, 'rejected' as outcome, 'ID_NOT_FOUND' as reason
    from rows anti join base_ids using (bateia_id) where bateia_id is not null and status = ''
  union all
  select row, 2, 'rejected', 'ID_DUPLICATE_IN_FILE'
    from (select row, count(*) over (partition by b.prospect_id) as n
            from rows r join base_ids b using (bateia_id) where r.status = '') where n > 1
  union all
  -- The row's identities belong to somebody else, here or in the base.
  select distinct r.row, 3, 'rejected', 'ID_IDENTITY_CONFLICT'
    from rows r join base_ids i using (bateia_id) join keys k using (row) join base_keys b using (k1, k2)
   where r.status = '' and b.prospect_id <> i.prospect_id
  union all
  select distinct r.row, 3, 'rejected', 'ID_IDENTITY_CONFLICT'
    from rows r join keys k using (row) join keys o using (k1, k2)
   where r.bateia_id is not null and r.status = '' and o.row <> r.row
  union all
  select g.row, 4, 'skipped', 'SUPPRESSED'
    from row_groups g semi join (select grp from group_keys join suppressed using (k1, k2)) s on g.grp = s.grp
  union all
  select g.row, 5, 'skipped', 'EXISTS'
    from row_groups g join targets t using (grp) where getvariable('mode') = 'insert' and not t.is_new
  union all
  select g.row, 6, 'skipped', 'NO_MATCH'
    from row_groups g join targets t using (grp) where getvariable('mode') = 'update' and t.is_new)
select row, arg_min(outcome, rank) as outcome, arg_min(reason, rank) as reason from found group by row;

insert into issues
select row, null, null, case outcome when 'rejected' then 'error' else 'warning' end, reason, null, null
  from refusals order by row;

-- Members: the rows that go on, with the prospect they belong to.
create or replace table members as
select g.row, g.grp, t.target, t.is_new, r.statement
  from row_groups g join targets t using (grp) join rows r using (row) anti join refusals f on f.row = g.row;

create or replace table heads as
select target, any_value(is_new) as is_new, min(row) as first_row, count(*) as rows from members group by target;

delete from plan_merges where survivor_id not in (select target from heads);
