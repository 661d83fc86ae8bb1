-- Which prospect ids exist, and the prospects that they answer to. $1 account, $2
-- ids. The way is set as in ask_keys.sql.
select p.prospect_id, coalesce(a.survivor_id, p.prospect_id)
  from unnest($2::text[]) u (id)
 cross join lateral (select prospect_id from prospects x where x.account_id = $1 and x.prospect_id = u.id offset 0) p
  left join lateral (select survivor_id from aliases x where x.account_id = $1 and x.alias_id = p.prospect_id offset 0) a on true
