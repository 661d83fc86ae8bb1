-- name: imports
-- title.en: Imports of the last 30 days
-- title.pt-BR: Importações dos últimos 30 dias
-- title.es: Importaciones de los últimos 30 días
-- answers: one row per import with its ledger, newest first

select account, import_id, source_kind, source, list, state, code, rows_read, created, updated, unchanged, duplicate,
       rejected, skipped, conflict, created_at
from report.imports
where created_at > now() - interval '30 days'
order by import_id desc
