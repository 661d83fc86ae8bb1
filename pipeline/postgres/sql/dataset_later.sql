-- What imports that were applied later found of the prospects they changed: the
-- first of them, which is what was true until then.
create temporary table dataset_later on commit drop as
select distinct on (b.prospect_id) b.prospect_id, b.image
  from bateia.imports o
  join bateia.imports n on n.account_id = :account and n.applied_no > o.applied_no
  join bateia.before_images b on b.account_id = :account and b.import_id = n.import_id
 where o.account_id = :account and o.import_id = :import
 order by b.prospect_id, n.applied_no
