-- Prospects that an import founded and nobody changed since: most of those of a
-- large import. Their ids begin with its id. :below is the first id behind them.
select ':id', (select applied_no from bateia.imports where account_id = :account and import_id = :import), 'created', null,
       p.prospect_id, p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country,
       case when (select count(*) = 1 from dataset_labels) then (select l.lists from dataset_labels l limit 1)
            else (select l.lists from dataset_labels l where l.list_ids = p.list_ids and l.tag_ids = p.tag_ids) end,
       case when (select count(*) = 1 from dataset_labels) then (select l.tags from dataset_labels l limit 1)
            else (select l.tags from dataset_labels l where l.list_ids = p.list_ids and l.tag_ids = p.tag_ids) end,
       p.source, p.owner, p.status, p.lifecycle, case when p.extra is null then '{}' else p.extra::text end, cardinality(p.lead_imports)::bigint,
       p.created_at, p.updated_at
  from bateia.prospects p
 where p.account_id = :account and p.prospect_id >= 'ba:id' and p.prospect_id < ':below'
   and p.prospect_id not in (select prospect_id from dataset_changed) -- hashed once, and no join
 order by p.prospect_id
