-- What the import's mode keeps out: a match on insert, no match on update.
insert into refusals
select g.row, case getvariable('mode') when 'insert' then 5 else 6 end, 'skipped', case getvariable('mode') when 'insert' then 'EXISTS' else 'NO_MATCH' end
  from row_groups g join targets t using (grp)
 where case getvariable('mode') when 'insert' then t.target < 0 else t.target > 0 end;
