-- Takes out the edges of groups of which every row is refused. A row by id is a
-- group of its own.
create or replace temp table refused_groups as
select g.grp from row_groups g left join (select distinct row from refusals) f on f.row = g.row
 group by g.grp having count(*) = count(f.row);

delete from edges using refused_groups where edges.b = refused_groups.grp;

drop table refused_groups;
