-- Writes edit_conflicts: the cells of rows of an export that were edited, while the base
-- has neither what was given out any more nor what they were edited to. The hash is
-- schemas.GivenHash. What stands in brackets becomes a query of such cells.
create or replace table edit_conflicts as
with cell as (/*cells*/)
select row, "column", field, value
  from cell
 where value is distinct from base
   and ('0x' || left(sha256(salt || base), 15))::bigint is distinct from given;

insert into refusals select distinct row, 7, 'conflict', 'EDIT_CONFLICT' from edit_conflicts;
