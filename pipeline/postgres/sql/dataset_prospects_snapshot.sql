-- All prospects of an account as view report.prospects has them.
with labels as materialized ( -- or they are looked up a row at a time
  select d.list_ids, d.tag_ids,
         array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any (d.list_ids) order by x.name collate "C") as lists,
         array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any (d.tag_ids) order by x.name collate "C") as tags
    from (select distinct list_ids, tag_ids from bateia.prospects where account_id = :account) d
)
select ':id', p.prospect_id, p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country, l.lists, l.tags,
       p.source, p.owner, p.status, p.lifecycle, coalesce(p.extra, '{}')::text, cardinality(p.lead_imports)::bigint, p.created_at, p.updated_at
  from bateia.prospects p
  join labels l on l.list_ids = p.list_ids and l.tag_ids = p.tag_ids
 where p.account_id = :account
   and not exists (select from bateia.aliases m where m.account_id = p.account_id and m.alias_id = p.prospect_id)
 order by p.prospect_id
