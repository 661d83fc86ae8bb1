-- What imports that were applied later found of the prospects they changed: the
-- first of them, which is what was true until then. Their images are looked up import by
-- import: mostly there is none.
create temporary table dataset_later on commit drop as
select distinct on (b.prospect_id) b.prospect_id, b.image
  from (select n.import_id, n.applied_no
          from bateia.imports o join bateia.imports n on n.account_id = :account and n.applied_no > o.applied_no
         where o.account_id = :account and o.import_id = :import) n
 cross join lateral (select prospect_id, image from bateia.before_images where account_id = :account and import_id = n.import_id offset 0) b
 order by b.prospect_id, n.applied_no
