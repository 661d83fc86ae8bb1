-- The rows of an import that a lead was made of.
select ':id', l.row, l.line, l.sheet_row, l.source_ref, l.outcome,
       case l.outcome when 'duplicate' then 'DUPLICATE_IN_FILE' when 'created' then 'CREATED' when 'updated' then 'UPDATED' else 'UNCHANGED' end,
       case when l.row in (select row from dataset_told) then (select t.codes from dataset_told t where t.row = l.row) end,
       ':id:' || l.row,
       coalesce(case when (select true from dataset_aliases limit 1) then
                  (select m.survivor_id from dataset_aliases m where m.alias_id = l.prospect_id) end, l.prospect_id),
       case when l.outcome <> 'duplicate' then null
            when l.prospect_id >= 'ba:id' and l.prospect_id < ':below' then nullif(('x' || right(l.prospect_id, 8))::bit(32)::bigint, l.row)
            else (select f.row from dataset_firsts f where f.prospect_id = l.prospect_id) end,
       null
  from bateia.leads l
 where l.account_id = :account and l.import_id = :import
 order by l.row
