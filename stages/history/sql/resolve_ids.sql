-- Prospects that ids answer to now. $1 account, $2 ids.
select t.id, p.prospect_id
  from unnest($2::text[]) t (id) left join aliases a on a.account_id = $1 and a.alias_id = t.id
  join prospects p on p.account_id = $1 and p.prospect_id = coalesce(a.survivor_id, t.id)
