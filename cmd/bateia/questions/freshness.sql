-- name: freshness
-- title.en: How fresh each source is
-- title.pt-BR: Há quanto tempo cada origem não traz nada
-- title.es: Qué tan reciente es cada origen
-- answers: one row per source, the oldest first: its last import and the hours since something of it was written

select account, source_kind, source, last_import_at, last_applied_at,
       round((seconds_since_applied / 3600)::numeric(20, 10), 1) as hours
from report.sources
order by last_applied_at nulls first, account, source
