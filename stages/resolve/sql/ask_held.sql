-- What prospects hold, as a hash: values and their ranks, identities, lists and tags,
-- but not who said them when. $1 account, $2 prospects that are no aliases. The way is
-- set as in ask_keys.sql.
select p.prospect_id,
       md5(jsonb_build_array(
         to_jsonb(p) - '{keys,list_ids,tag_ids,lead_imports,lead_rows,lead_hashes,created_at,updated_at,updated_by}'::text[],
         array(select k from unnest(p.keys) k order by k),
         array(select l from unnest(p.list_ids) l order by l),
         array(select t from unnest(p.tag_ids) t order by t))::text)
  from unnest($2::text[]) u (id)
 cross join lateral (select * from prospects x where x.account_id = $1 and x.prospect_id = u.id offset 0) p
