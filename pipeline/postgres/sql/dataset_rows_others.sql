-- The rows of an import that said again what a lead says, and those that became no
-- lead, also of people who were erased. Rows that were seen before their outcome was kept count as what they most
-- likely were.
with said as (
  select s.row, s.line, s.sheet_row, l.source_ref,
         coalesce(s.outcome, case when s.lead_import = :import then 'duplicate' else 'unchanged' end) as outcome,
         bateia.import_id_text(s.lead_import) || ':' || s.lead_row as lead_id, l.prospect_id
    from bateia.seen_leads s
    join bateia.leads l on l.account_id = s.account_id and l.import_id = s.lead_import and l.row = s.lead_row
   where s.account_id = :account and s.import_id = :import
)
select ':id', r.row, r.line, r.sheet_row, r.source_ref, r.outcome, r.reason_code, r.codes, r.lead_id,
       coalesce(m.survivor_id, r.prospect_id), r.first_row, r.resolved_by
  from (
    select s.row, s.line, s.sheet_row, s.source_ref, s.outcome,
           case s.outcome when 'duplicate' then 'DUPLICATE_IN_FILE' when 'created' then 'CREATED' when 'updated' then 'UPDATED' else 'UNCHANGED' end as reason_code,
           t.codes, s.lead_id, s.prospect_id,
           case when s.outcome <> 'duplicate' then null
                when s.prospect_id >= 'ba:id' and s.prospect_id < ':below' then nullif(('x' || right(s.prospect_id, 8))::bit(32)::bigint, s.row)
                else f.row end as first_row,
           null as resolved_by
      from said s
      left join dataset_told t on t.row = s.row
      left join dataset_firsts f on f.prospect_id = s.prospect_id
    union all
    select o.row, o.line, o.sheet_row, o.source_ref, o.outcome, o.reason_code, o.codes, null, o.prospect_id, o.first_row, k.resolved_by
      from bateia.row_outcomes o
      left join dataset_taken k on k.row = o.row
     where o.account_id = :account and o.import_id = :import
    union all -- of people who were erased
    select e.row, null, null, null, e.outcome,
           case e.outcome when 'duplicate' then 'DUPLICATE_IN_FILE' when 'created' then 'CREATED' when 'updated' then 'UPDATED' else 'UNCHANGED' end,
           array['ERASED'], null, null, null, null
      from bateia.forgotten_rows e
     where e.account_id = :account and e.import_id = :import) r
  left join dataset_aliases m on m.alias_id = r.prospect_id
 order by r.row
