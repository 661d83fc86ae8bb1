-- The other prospects that an import touched, known is which it had kept the row of.
-- image is their row as it was right after, which the next import to change it kept;
-- null when none did: then it is what the table has, if anything.
create temporary table dataset_changed on commit drop as
with own as (
  select account_id, import_id, applied_no, coalesce(undo_of, redo_of) as back
    from bateia.imports where account_id = :account and import_id = :import
), ids as (
  select prospect_id, true as known from bateia.before_images where account_id = :account and import_id = :import
  union all
  select unnest(array[merged_id, survivor_id]), false from bateia.merges where account_id = :account and import_id = :import
  union all -- founded, and changed since
  select prospect_id, false from dataset_later where prospect_id >= 'ba:id' and prospect_id < ':below'
  union all -- went with the import that was taken back
  select l.prospect_id, false
    from own o
    join bateia.imports b on b.account_id = :account and b.import_id = o.back and b.state = 'undone'
    join bateia.leads l on l.account_id = :account and l.import_id = b.import_id
   where not exists (select from bateia.prospects p where p.account_id = :account and p.prospect_id = l.prospect_id)
     and not exists (select from bateia.imports u where u.account_id = :account and u.undo_of = b.import_id and u.import_id <> o.import_id and u.state = 'applied')
)
select i.prospect_id, l.image, i.known, m.survivor_id
  from (select prospect_id, bool_or(known) as known from ids group by prospect_id) i
  left join dataset_later l on l.prospect_id = i.prospect_id
  left join bateia.merges m on m.account_id = :account and m.import_id = :import and m.merged_id = i.prospect_id
