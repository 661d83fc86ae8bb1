-- How many draws there are of each distribution that an import drew from. $1 account,
-- $2 import.
select folded, count(*) from draws
 where account_id = $1 and folded in (select folded from draws where account_id = $1 and import_id = $2)
 group by folded
