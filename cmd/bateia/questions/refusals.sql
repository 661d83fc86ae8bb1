-- name: refusals
-- title.en: Refusal rate by source
-- title.pt-BR: Taxa de recusa por origem
-- title.es: Tasa de rechazo por origen
-- answers: one row per source, the worst first; rates are percent of the rows read

select account, source_kind, source, applied as imports, rejected_files, rows_read, rejected,
       round((100 * refusal_rate)::numeric(20, 10), 1) as percent
from report.sources
order by refusal_rate desc nulls last, rows_read desc, account, source
