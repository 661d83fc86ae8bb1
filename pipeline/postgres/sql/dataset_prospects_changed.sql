-- What dataset_changed.sql found, as the dataset prospects has it. The rows of the
-- table and those of images apart: columns of what may be either are dear.
with n as materialized (
  select i.applied_no, i.undo_of is not null or s.kind = 'manual' as decided
    from bateia.imports i left join bateia.sources s on s.account_id = i.account_id and s.source_id = i.source_id
   where i.account_id = :account and i.import_id = :import
)
select ':id', n.applied_no,
       case when p.prospect_id is null then 'removed'
            when d.survivor_id is not null then 'merged'
            when not d.known and d.prospect_id >= 'ba:id' and d.prospect_id < ':below' then 'created'
            when not d.known or n.decided or p.updated_by = :import then 'updated'
            else 'confirmed' end,
       case when p.prospect_id is not null then d.survivor_id end,
       d.prospect_id, p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country,
       case when p.list_ids <> '{}' then array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any (p.list_ids) order by x.name collate "C") end,
       case when p.tag_ids <> '{}' then array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any (p.tag_ids) order by x.name collate "C") end,
       p.source, p.owner, p.status, p.lifecycle, coalesce(p.extra, '{}')::text, cardinality(p.lead_imports)::bigint, p.created_at, p.updated_at
  from dataset_changed d
  left join bateia.prospects p on p.account_id = :account and p.prospect_id = d.prospect_id
 cross join n
 where d.image is null
union all
select ':id', n.applied_no,
       case when d.survivor_id is not null then 'merged'
            when not d.known and d.prospect_id >= 'ba:id' and d.prospect_id < ':below' then 'created'
            when not d.known or n.decided or p.updated_by = :import then 'updated'
            else 'confirmed' end,
       d.survivor_id,
       d.prospect_id, p.name, p.phone, p.email, p.document, p.company, p.city, p.state, p.country,
       array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any (p.list_ids) order by x.name collate "C"),
       array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any (p.tag_ids) order by x.name collate "C"),
       p.source, p.owner, p.status, p.lifecycle, coalesce(p.extra, '{}')::text, cardinality(p.lead_imports)::bigint, p.created_at, p.updated_at
  from dataset_changed d
 cross join lateral jsonb_populate_record(null::bateia.prospects, d.image) p
 cross join n
 where d.image is not null
