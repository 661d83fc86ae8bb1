-- Gathers per prospect what the COPY and the UPDATE write as arrays. Each list
-- is in the order of (row, seq), so that the same plan is written the same way.
create or replace table prospect_keys as
select prospect_id, flatten(list([k1, k2] order by row, seq)) as keys from plan_identities group by prospect_id;

create or replace table prospect_leads as
select prospect_id, list(row order by row) as rows, list(statement order by row) as hashes, count(*) as n
  from plan_leads group by prospect_id;

create or replace table row_identities as
select k.row, list(k.kind || ':' || k.value order by k.seq) as identities
  from identities k semi join plan_leads l on l.row = k.row
 group by k.row;
