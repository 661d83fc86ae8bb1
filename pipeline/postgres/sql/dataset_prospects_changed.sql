-- What dataset_changed.sql found, as the dataset prospects has it.
select ':id', n.applied_no,
       case when (c.p).prospect_id is null then 'removed'
            when c.survivor_id is not null then 'merged'
            when not c.known and c.prospect_id >= 'ba:id' and c.prospect_id < ':below' then 'created'
            when not c.known or n.undo_of is not null or s.kind = 'manual' or (c.p).updated_by = :import then 'updated'
            else 'confirmed' end,
       case when (c.p).prospect_id is not null then c.survivor_id end,
       c.prospect_id, (c.p).name, (c.p).phone, (c.p).email, (c.p).document, (c.p).company, (c.p).city, (c.p).state, (c.p).country,
       array(select x.name from bateia.lists x where x.account_id = :account and x.list_id = any ((c.p).list_ids) order by x.name collate "C"),
       array(select x.name from bateia.tags x where x.account_id = :account and x.tag_id = any ((c.p).tag_ids) order by x.name collate "C"),
       (c.p).source, (c.p).owner, (c.p).status, (c.p).lifecycle, coalesce((c.p).extra, '{}')::text, cardinality((c.p).lead_imports)::bigint,
       (c.p).created_at, (c.p).updated_at
  from (select d.prospect_id, d.known, d.survivor_id,
               case when d.image is not null then jsonb_populate_record(null::bateia.prospects, d.image) else p end as p
          from dataset_changed d
          left join bateia.prospects p on p.account_id = :account and p.prospect_id = d.prospect_id
        offset 0) c
  join bateia.imports n on n.account_id = :account and n.import_id = :import
  left join bateia.sources s on s.account_id = n.account_id and s.source_id = n.source_id
 order by c.prospect_id
