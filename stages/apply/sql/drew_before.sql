-- Who drew prospects, or what merged into them, from a distribution: which of $3, from
-- 1, the id that it was drawn for, the owner and the import that drew. $1 account, $2
-- distribution, $3 ids of prospects.
with asked as (
  select n, id as raw from unnest($3::text[]) with ordinality u (id, n)
  union all
  select n, a.alias_id from unnest($3::text[]) with ordinality u (id, n) join aliases a on a.account_id = $1 and a.survivor_id = u.id)
select a.n, d.prospect_id, d.owner, d.import_id
  from asked a join draws d on d.account_id = $1 and d.prospect_id = a.raw and d.folded = $2
 order by a.n, d.prospect_id
