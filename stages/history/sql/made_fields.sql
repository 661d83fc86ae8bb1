-- Extra fields that the import brought, each with the first other import that fills it,
-- null when none does. $1 account, $2 the import that is taken back.
with made as (
  select f.name, 'extra.' || f.name as field from field_definitions f where f.account_id = $1 and f.created_by = $2),
heirs as (
  select distinct on (c.field) c.field, n.import_id
    from import_columns c join imports n on n.account_id = c.account_id and n.import_id = c.import_id
   where c.account_id = $1 and c.field in (select field from made) and c.imported and n.import_id <> $2
     and n.state not in ('undone', 'rejected', 'failed', 'canceled')
   order by c.field, n.applied_no nulls last, n.import_id)
select m.name, h.import_id from made m left join heirs h using (field) order by m.name
