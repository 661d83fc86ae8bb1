-- All prospects of an account as view report.prospects has them.
with labels as (
  select l.ids, array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any (l.ids) order by x.name) as names
    from (select distinct list_ids as ids from bateia.prospects where account_id = :account) l
), marks as (
  select l.ids, array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any (l.ids) order by x.name) as names
    from (select distinct tag_ids as ids from bateia.prospects where account_id = :account) l
)
select ':id', p.prospect_id, p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country, l.names, k.names,
       p.source, p.owner, p.status, p.lifecycle, coalesce(p.extra, '{}')::text, cardinality(p.lead_imports)::bigint, p.created_at, p.updated_at
  from bateia.prospects p
  join labels l on l.ids = p.list_ids
  join marks k on k.ids = p.tag_ids
 where p.account_id = :account
   and not exists (select from bateia.aliases m where m.account_id = p.account_id and m.alias_id = p.prospect_id)
 order by p.prospect_id
