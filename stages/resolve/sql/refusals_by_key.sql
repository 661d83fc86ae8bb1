-- People who must never come back.
insert into refusals
select g.row, 4, 'skipped', 'SUPPRESSED'
  from row_groups g semi join (select grp from group_keys join suppressed using (k1, k2)) s on g.grp = s.grp;
