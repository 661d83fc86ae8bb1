-- People who must never come back, by what their rows state: whether a value joins
-- anybody in this import does not matter.
insert into refusals
select g.row, 4, 'skipped', 'SUPPRESSED'
  from row_groups g
  semi join (select o.grp from row_groups o semi join suppressed using (row)) s on g.grp = s.grp;
