-- What prospects $2 of account $1, and what merged into them, were before imports
-- changed them.
with ids as (
  select unnest($2::text[]) as id union select alias_id from bateia.aliases where account_id = $1 and survivor_id = any ($2))
select jsonb_build_object('changed_by', bateia.import_id_text(b.import_id), 'changed_at', i.created_at, 'prospect_id', b.prospect_id,
         'values', jsonb_strip_nulls(b.image - array['account_id', 'prospect_id', 'keys', 'lead_imports', 'lead_rows', 'lead_hashes', 'list_ids', 'tag_ids', 'ranks', 'updated_by']))::text
  from bateia.before_images b join ids on ids.id = b.prospect_id
  left join bateia.imports i on i.account_id = $1 and i.import_id = b.import_id
 where b.account_id = $1
 order by b.import_id, b.prospect_id
