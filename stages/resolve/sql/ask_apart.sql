-- Pairs that people said are two, as the prospects that they are now: either may
-- have merged since. $1 account, $2 prospects that are no aliases.
with held as (
  select unnest($2::text[]) as survivor_id, unnest($2::text[]) as prospect_id
  union
  select survivor_id, alias_id from aliases where account_id = $1 and survivor_id = any($2))
select h.survivor_id, coalesce(o.survivor_id, p.other_id)
  from held h join apart p on p.account_id = $1 and p.prospect_id = h.prospect_id
  left join aliases o on o.account_id = $1 and o.alias_id = p.other_id
