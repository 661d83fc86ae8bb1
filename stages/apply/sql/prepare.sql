-- Gathers per prospect what is written as arrays, as flat lists of pairs. They
-- have no order: an ordered aggregate takes a hundred times as long, and the few
-- elements of each are sorted when they are encoded.
create or replace table prospect_keys as
select target, flatten(list([k1, k2])) as keys from plan_identities group by target;

create or replace table prospect_leads as
select l.target, flatten(list([l.row, l.statement])) as leads
  from plan_leads l join heads h using (target)
 where h.rows > 1 or h.target < 0
 group by l.target;

create or replace table prospect_tags as
select t.target, list(distinct n.tag_id) as tag_ids from plan_tags t join tag_names n using (folded) group by t.target;

-- The new keys in the order of the primary key, which compares uuids as unsigned
-- numbers: the halves below zero come last.
create or replace table sorted_identities as
with several as (
  select k.k1, k.k2, list_slice(list_sort(list_distinct(list((md5_number_lower(r.name_key)::bit)::bigint))), 1, 5) as name_hashes
    from keys k semi join touching t on t.k1 = k.k1 and t.k2 = k.k2 join rows r using (row) semi join members m on m.row = k.row
   where r.name_key <> ''
   group by k.k1, k.k2)
select i.k1, i.k2, i.kind, i.value, i.joins, i.target, i.row,
       coalesce(s.name_hashes, case when r.name_key = '' then []::bigint[] else [(md5_number_lower(r.name_key)::bit)::bigint] end) as name_hashes
  from plan_identities i join rows r using (row) left join several s on s.k1 = i.k1 and s.k2 = i.k2
 order by i.k1 < 0, i.k1, i.k2 < 0, i.k2;

-- What was seen again, in the order of the primary key.
create or replace table sorted_seen as
select s.lead_import, s.lead_row, r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, o.outcome
  from plan_seen s join rows r using (row) join plan_outcomes o using (row)
 order by s.lead_import nulls last, s.lead_row, r.row;

-- Whoever is drawn comes next.
create or replace table owner_draws (target bigint, owner varchar, folded varchar, kept boolean, turn bigint);
