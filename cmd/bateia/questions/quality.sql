-- name: quality
-- title.en: Quality of fields, last 30 days
-- title.pt-BR: Qualidade dos campos, últimos 30 dias
-- title.es: Calidad de los campos, últimos 30 días
-- answers: one row per account and field over the imports that count: filled, valid and invalid cells, values altered on the way in

select account, field, count(*) as imports, sum(filled) as filled, sum(valid) as valid, sum(invalid) as invalid,
       round((100.0 * sum(valid) / nullif(sum(filled), 0))::numeric(20, 10), 1) as percent_valid, sum(changed) as changed
from report.quality
where state = 'applied' and created_at > now() - interval '30 days'
group by account, field
order by account, percent_valid nulls last, field
