-- name: duplicates
-- title.en: Duplicates found by source
-- title.pt-BR: Duplicados encontrados por origem
-- title.es: Duplicados encontrados por origen
-- answers: one row per source: rows that repeat a row of their own file, and rows of prospects that were known already

select account, source_kind, source, sum(rows_read) as rows_read, sum(duplicate) as in_file,
       sum(updated + unchanged) as known_already,
       round((100.0 * sum(duplicate + updated + unchanged) / nullif(sum(rows_read), 0))::numeric(20, 10), 1) as percent
from report.imports
where state = 'applied'
group by account, source_kind, source
order by percent desc nulls last, rows_read desc, account, source
