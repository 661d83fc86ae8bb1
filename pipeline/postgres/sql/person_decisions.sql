-- Decisions of people about prospects $2 of account $1, and about what merged into
-- them.
with ids as (
  select unnest($2::text[]) as id union select alias_id from bateia.aliases where account_id = $1 and survivor_id = any ($2))
select jsonb_build_object('kind', d.kind, 'survivor', d.subject -> 'survivor', 'others', d.subject -> 'others', 'new', d.subject -> 'new',
         'import_id', bateia.import_id_text(d.import_id), 'decided_by', d.decided_by, 'decided_at', d.decided_at, 'revoked_at', d.revoked_at)::text
  from bateia.decisions d
 where d.account_id = $1
   and exists (select from ids where d.subject ->> 'survivor' = id or d.subject ->> 'new' = id or d.subject -> 'others' ? id or d.subject -> 'aliases' ? id)
 order by d.decision_id
