-- Of prospects that the import did not found, the row that is none of its
-- duplicates: what the duplicates repeat. Of those that it founded the id says it,
-- and most large imports know no others: then nothing is read. A row that says again
-- what somebody said who has merged since may repeat one under the other id.
create temporary table dataset_firsts on commit drop as
with said as materialized (
  select row, outcome, prospect_id
    from bateia.leads
   where account_id = :account and import_id = :import and not (prospect_id >= 'ba:id' and prospect_id < ':below')
     and (select updated + unchanged > 0 from bateia.imports where account_id = :account and import_id = :import)
  union all
  select s.row, coalesce(s.outcome, case when s.lead_import = :import then 'duplicate' else 'unchanged' end), l.prospect_id
    from bateia.seen_leads s
    join bateia.leads l on l.account_id = s.account_id and l.import_id = s.lead_import and l.row = s.lead_row
   where s.account_id = :account and s.import_id = :import and not (l.prospect_id >= 'ba:id' and l.prospect_id < ':below')
     and (select updated + unchanged > 0 from bateia.imports where account_id = :account and import_id = :import)
), own as (
  select prospect_id, min(row) filter (where outcome <> 'duplicate') as row
    from said
   group by prospect_id
  having bool_or(outcome = 'duplicate')
), merged as (
  select m.survivor_id, min(s.row) filter (where s.outcome <> 'duplicate') as row
    from said s
    join (select alias_id, survivor_id from dataset_aliases union all select distinct survivor_id, survivor_id from dataset_aliases) m on m.alias_id = s.prospect_id
   group by m.survivor_id
)
select o.prospect_id, coalesce(o.row, m.row) as row
  from own o
  left join dataset_aliases a on a.alias_id = o.prospect_id
  left join merged m on m.survivor_id = coalesce(a.survivor_id, o.prospect_id)
