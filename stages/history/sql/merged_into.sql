-- An alias with everything that had merged into it. $1 account, $2 alias.
with recursive part as (
  select $2::text collate "C" as id
  union
  select m.merged_id from part join merges m on m.account_id = $1 and m.survivor_id = part.id and m.undone_at is null)
select p.id from part p join aliases a on a.account_id = $1 and a.alias_id = p.id order by 1
