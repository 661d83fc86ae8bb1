-- Writes plan_outcomes: exactly one outcome for every row that was read, in the
-- order of precedence: refused, skipped, conflict, and else what the import does to
-- the row's prospect, counted at the prospect's first row.
create or replace table plan_outcomes as
select r.row,
       case when r.status <> '' then r.status
            when f.row is not null then f.outcome
            when m.row <> h.first_row then 'duplicate'
            when m.target > 0 then 'created'
            when p.action in ('update', 'merge') then 'updated'
            else 'unchanged' end as outcome,
       coalesce(r.reason, f.reason) as reason,
       coalesce(m.target, q.target) as target,
       case when m.row <> h.first_row then h.first_row end as first_row
  from rows r
  left join refusals f on f.row = r.row
  left join members m on m.row = r.row
  left join (select row, target from mute join row_groups using (row) join targets using (grp)) q on q.row = r.row and f.row is null
  left join heads h on h.target = m.target
  left join plan_updates p on p.target = m.target;
