-- Where prospects are today that merged into others. A table whose size the planner
-- knows: a loop over all aliases for every row is right for a few and wrong for many.
create temporary table dataset_aliases on commit drop as
select alias_id, survivor_id from bateia.aliases where account_id = :account
