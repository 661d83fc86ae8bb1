-- Adds to moved the prospects that were kept apart because rows of moved ones made a
-- value a shared one: with the names of the other rows, and of the base, it would join.
-- So they are no more than there are names with which a value joins; where the others'
-- names suffice, nothing changes for them. Run again until it adds nothing.
--
-- Values in dispute are left as they were shown: a dispute concerns its file alone, and
-- any number of rows may have a part in it.
insert into moved
with named as (
  select i.k1, i.row, r.name_key, r.bateia_id is null as counts, o.target in (select target from moved) as gone
    from identities i semi join (select k1, k2 from frequent where not known) f on f.k1 = i.k1 and f.k2 = i.k2
    join rows r using (row) join plan_outcomes o using (row)),
said as (
  select k1, (md5_number_lower(name_key)::bit)::bigint as name
    from named where counts and name_key <> '' and not coalesce(gone, false)
  union
  select f.k1, unnest(b.name_hashes || b.other_names)
    from frequent f join base_keys b using (k1, k2) where not f.known),
needed as (
  select n.k1 from (select distinct k1 from named where gone) n left join said s using (k1)
   group by n.k1 having count(s.name) <= getvariable('max_names'))
select distinct m.target
  from named n semi join needed d on d.k1 = n.k1 join members m on m.row = n.row
 where m.target not in (select target from moved);
