-- Marks the rows of import $2 of account $1 that its replay $3 took as resolved by
-- it: those that are open, of code $4, and that the replay did not refuse, skip or
-- find in conflict again. Returns how many were open and the SHA-256 of their
-- numbers (schemas.ReplayFacts). It sees the base as it was before.
with open as materialized (
  select row from bateia.open_refusals($1, $2, $4)
), taken as (
  insert into bateia.resolutions (account_id, import_id, row, resolved_by)
  select $1, $2, o.row, $3
    from (select row from open except select row from bateia.row_outcomes where account_id = $1 and import_id = $3) o
  returning row
)
select (select count(*) from open),
       encode(sha256(convert_to(coalesce((select string_agg(row::text, ',' order by row) from open), ''), 'UTF8')), 'hex'),
       (select count(*) from taken)
