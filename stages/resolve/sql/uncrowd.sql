-- Writes vetoed: all edges in crowded. Where several groups, or one between several
-- prospects, are too much only together, none of them joins anybody there.
create or replace table vetoed as
select node, grp, false as firm, 'MATCH_COMPONENT_TOO_LARGE' as code from crowded;
