-- Prospects with all values. $1 account, $2 ids. /*fields*/ is replaced by the
-- catalogue's columns. The way is set as in ask_keys.sql.
select p.prospect_id /*fields*/, p.extra::text, p.ranks::text, p.lead_hashes, p.lead_imports, p.lead_rows, p.list_ids::bigint[], p.tag_ids::bigint[], cardinality(p.keys)::bigint
  from unnest($2::text[]) u (id)
 cross join lateral (select * from prospects x where x.account_id = $1 and x.prospect_id = u.id offset 0) p
