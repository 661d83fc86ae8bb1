-- Which keys must never come back. $1 account, $2 keys. The way is set as in
-- ask_keys.sql.
select s.key
  from unnest($2::uuid[]) u (key)
 cross join lateral (select x.key from suppressions x where x.account_id = $1 and x.key = u.key offset 0) s
