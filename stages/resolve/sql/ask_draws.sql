-- Owners that were drawn for prospects and for what merged into them: the prospect, the id
-- that it was drawn for, the distribution, the owner and the import that drew. $1 account,
-- $2 prospects that are no aliases. The way is set as in ask_keys.sql.
select u.id, u.id, x.folded, x.owner, x.import_id
  from unnest($2::text[]) u (id)
 cross join lateral (select folded, owner, import_id from draws x where x.account_id = $1 and x.prospect_id = u.id offset 0) x
union all
select a.survivor_id, a.alias_id, x.folded, x.owner, x.import_id
  from (select survivor_id, alias_id from aliases where account_id = $1 and survivor_id = any($2) offset 0) a
 cross join lateral (select folded, owner, import_id from draws x where x.account_id = $1 and x.prospect_id = a.alias_id offset 0) x
