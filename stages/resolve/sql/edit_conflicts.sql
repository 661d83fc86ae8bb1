-- Writes edit_conflicts: the cells of rows of an export that were edited, while the base
-- has neither what was given out any more nor what they were edited to. One join for all
-- fields: the list in brackets has a cell for each.
create or replace table edit_conflicts as
select row, cell."column", cell.field, cell.value
  from (select e.row, unnest(list_filter([/*cells*/]::struct("column" varchar, field varchar, value varchar, clash boolean)[], x -> x.clash)) as cell
          from edited e semi join judged using (row) anti join mute using (row)
               join rows r using (row) join base_ids i using (bateia_id) join base_prospects p using (prospect_id));

insert into refusals select distinct row, 7, 'conflict', 'EDIT_CONFLICT' from edit_conflicts;
