-- The keys of prospects that do not join, those of what merged into them included, as
-- ask_keys.sql gives keys. $1 account, $2 prospects that are no aliases. The way is set
-- as there.
select i.key, p.prospect_id, i.name_hashes, coalesce(i.other_names, '{}')
  from unnest($2::text[]) u (id)
 cross join lateral (select prospect_id, keys from prospects x where x.account_id = $1 and x.prospect_id = u.id offset 0) p
 cross join lateral (select distinct unnest(p.keys) as key) k
 cross join lateral (select key, prospect_id, name_hashes, other_names from identities x where x.account_id = $1 and x.key = k.key and not x.joins offset 0) i
  left join lateral (select survivor_id from aliases x where x.account_id = $1 and x.alias_id = i.prospect_id offset 0) a on true
 where coalesce(a.survivor_id, i.prospect_id) = p.prospect_id
