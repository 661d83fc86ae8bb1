-- The rows of an import that a lead was made of.
select ':id', l.row, l.line, l.sheet_row, l.source_ref, l.outcome,
       case l.outcome when 'duplicate' then 'DUPLICATE_IN_FILE' when 'created' then 'CREATED' when 'updated' then 'UPDATED' else 'UNCHANGED' end,
       t.codes, ':id:' || l.row, coalesce(m.survivor_id, l.prospect_id),
       case when l.outcome <> 'duplicate' then null
            when l.prospect_id >= 'ba:id' and l.prospect_id < ':below' then nullif(('x' || right(l.prospect_id, 8))::bit(32)::bigint, l.row)
            else f.row end,
       null
  from bateia.leads l
  left join dataset_told t on t.row = l.row
  left join dataset_firsts f on f.prospect_id = l.prospect_id
  left join bateia.aliases m on m.account_id = :account and m.alias_id = l.prospect_id
 where l.account_id = :account and l.import_id = :import
 order by l.row
