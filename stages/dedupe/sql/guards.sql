-- Guards separate, they never refuse: a group that holds two different documents
-- of one kind, or more than max_component joining values, is taken apart again.
-- Documents of different kinds do not contradict each other.
create or replace temp table crowds as
select grp from row_groups group by grp having count(*) > 1;

create or replace temp table crowd_keys as
select g.grp, k.kind, k.value, k.k1, k.k2, k.joins
  from keys k join row_groups g using (row) semi join crowds c on g.grp = c.grp
 where k.joins or k.kind = 3;

create or replace table apart as
select grp, 'MATCH_COMPONENT_TOO_LARGE' as code
  from crowd_keys group by grp having count(distinct (k1, k2)) filter (where joins) > getvariable('max_component')
union all
select grp, 'MATCH_CONFLICT'
  from (select grp from crowd_keys where kind = 3 group by grp, document_kind(value) having count(distinct value) > 1)
 group by grp;
-- One reason a group: the size, when both hold.
delete from apart using (select grp from apart group by grp having count(*) > 1) twice
 where apart.grp = twice.grp and apart.code = 'MATCH_CONFLICT';

-- In a conflict rows with the same documents stay together, with a shared one those of
-- the same name; otherwise only rows
-- that say exactly the same do. What a row is told by, its side, does not depend
-- on the import, so that the same file again finds what it founded.
create or replace temp table sides as
with documents as (
  select g.row, g.grp, case when a.code = 'MATCH_CONFLICT' then string_agg(distinct k.told, ' ' order by k.told) end as documents
    from row_groups g join apart a using (grp) left join (
         select k.row, k.value || case when k.k1 in (select k1 from frequent) then chr(31) || r.name_key else '' end as told
           from keys k join rows r using (row) where k.kind = 3) k using (row)
   group by g.row, g.grp, a.code)
select d.row, coalesce(d.documents, r.statement::varchar) as side,
       min(d.row) over (partition by d.grp, coalesce(d.documents, r.statement::varchar)) as grp
  from documents d join rows r using (row);

create or replace table group_sides as select distinct grp, side from sides;

insert into issues
select g.row, null, null, 'warning', a.code, null, null
  from row_groups g join apart a using (grp) order by g.row;

update row_groups set grp = sides.grp from sides where row_groups.row = sides.row;

drop table crowds; drop table crowd_keys; drop table sides;
