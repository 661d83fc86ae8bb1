-- The lists and tags that prospects have which an import founded, with their names:
-- few, so that names are not looked up a row at a time.
create temporary table dataset_labels on commit drop as
select d.list_ids, d.tag_ids,
       array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any (d.list_ids) order by x.name collate "C") as lists,
       array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any (d.tag_ids) order by x.name collate "C") as tags
  from (select distinct list_ids, tag_ids from bateia.prospects where account_id = :account and prospect_id >= 'ba:id' and prospect_id < ':below') d
