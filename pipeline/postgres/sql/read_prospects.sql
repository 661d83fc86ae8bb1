-- Prospects of account $1 that are no alias, oldest first: with id $2, on list
-- $3, with tag $4, with source $5, touched by import $6, changed since $7, each
-- of them null for any. /*where*/ is replaced by conditions on fields, whose
-- values are $8 and on, /*fields*/ by the catalogue's columns as text, and
-- /*identities*/ by the condition under which identities are wanted.
select p.prospect_id, p.extra::text, p.created_at, p.updated_at, cardinality(p.lead_rows),
       array(select l.name from bateia.lists l where l.account_id = p.account_id and l.list_id = any (p.list_ids) order by l.folded),
       array(select t.name from bateia.tags t where t.account_id = p.account_id and t.tag_id = any (p.tag_ids) order by t.folded),
       (select coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) order by i.kind, i.first_import_id, i.first_row, i.value), '[]')::text
        from bateia.identities i where /*identities*/ and i.account_id = p.account_id and i.key = any (p.keys)),
       /*fields*/
from bateia.prospects p
where p.account_id = $1
  and ($2::text is null or p.prospect_id = $2)
  and ($3::text is null or exists (select from bateia.lists l
       where l.account_id = p.account_id and l.folded = $3 and l.list_id = any (p.list_ids)))
  and ($4::text is null or exists (select from bateia.tags t
       where t.account_id = p.account_id and t.folded = $4 and t.tag_id = any (p.tag_ids)))
  and ($5::text is null or p.source = $5)
  and ($6::bigint is null or $6 = any (p.lead_imports))
  and ($7::timestamptz is null or p.updated_at >= $7)
  and not exists (select from bateia.aliases a where a.account_id = p.account_id and a.alias_id = p.prospect_id)
  /*where*/
order by p.prospect_id
