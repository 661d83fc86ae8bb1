-- Merges of prospects $2 of account $1, and of what merged into them.
with ids as (
  select unnest($2::text[]) as id union select alias_id from bateia.aliases where account_id = $1 and survivor_id = any ($2))
select jsonb_build_object('survivor_id', m.survivor_id, 'merged_id', m.merged_id, 'import_id', bateia.import_id_text(m.import_id),
         'reason', m.reason, 'merged_at', m.merged_at, 'undone_at', m.undone_at)::text
  from bateia.merges m
 where m.account_id = $1 and (m.survivor_id in (select id from ids) or m.merged_id in (select id from ids))
 order by m.import_id, m.merged_id
