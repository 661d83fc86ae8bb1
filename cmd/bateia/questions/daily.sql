-- name: daily
-- title.en: Prospects per day, last 30 days
-- title.pt-BR: Prospects por dia, últimos 30 dias
-- title.es: Prospectos por día, últimos 30 días
-- answers: one row per account and day with imports, newest first

select account, day, applied as imports, rows_read, rejected, prospects_created, prospects_updated, prospects_merged
from report.daily
where day > current_date - 31
order by day desc, account
