-- Rows that name a prospect which is not theirs, or is none.
insert into refusals
select row, 1, 'rejected', 'ID_NOT_FOUND'
  from rows anti join base_ids using (bateia_id) where bateia_id is not null and status = ''
union all
select row, 2, 'rejected', 'ID_DUPLICATE_IN_FILE'
  from (select row, count(*) over (partition by b.prospect_id) as n
          from rows r join base_ids b using (bateia_id) anti join mute m on m.row = r.row where r.status = '') where n > 1
union all
-- The row's identities belong to somebody else, in the base or in the file. What its
-- prospect has in the base is its own, whoever else in the file says it.
select distinct r.row, 3, 'rejected', 'ID_IDENTITY_CONFLICT'
  from rows r join base_ids i using (bateia_id) join keys k using (row) join base_keys b using (k1, k2)
 where r.status = '' and b.prospect_id <> i.prospect_id
union all
select distinct r.row, 3, 'rejected', 'ID_IDENTITY_CONFLICT'
  from rows r join keys k using (row) join keys o using (k1, k2)
  anti join (select i.bateia_id, b.k1, b.k2 from base_ids i join base_keys b using (prospect_id)) own on own.bateia_id = r.bateia_id and own.k1 = k.k1 and own.k2 = k.k2
 where r.bateia_id is not null and r.status = '' and o.row <> r.row;
