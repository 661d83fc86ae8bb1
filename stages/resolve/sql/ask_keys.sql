-- Prospects, read through aliases, that own keys. $1 account, $2 keys in the order
-- of the index, $3 whether the account has aliases at all. The way is set, one look
-- into the index a key: without statistics, as after a first large import, the
-- planner would read the account as a whole.
select i.key, coalesce(a.survivor_id, i.prospect_id), i.name_hashes, coalesce(i.other_names, '{}')
  from unnest($2::uuid[]) u (key)
 cross join lateral (select key, prospect_id, name_hashes, other_names from identities x where x.account_id = $1 and x.key = u.key offset 0) i
  left join lateral (select survivor_id from aliases x where $3 and x.account_id = $1 and x.alias_id = i.prospect_id offset 0) a on true
