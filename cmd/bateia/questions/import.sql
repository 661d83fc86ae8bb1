-- name: import
-- title.en: What an import did
-- title.pt-BR: O que uma importação fez
-- title.es: Qué hizo una importación
-- answers: one row per number: outcomes of rows, what became leads, prospects that were founded, changed and merged
-- import: yes

select w.what, w.count
from report.imports i
join report.funnel f on f.import_id = i.import_id
cross join lateral (values
  (1, 'rows read', i.rows_read), (2, 'created', i.created), (3, 'updated', i.updated), (4, 'unchanged', i.unchanged),
  (5, 'duplicate', i.duplicate), (6, 'rejected', i.rejected), (7, 'skipped', i.skipped), (8, 'conflict', i.conflict),
  (9, 'leads stored', f.leads), (10, 'prospects spoken of', f.prospects), (11, 'prospects founded', i.prospects_created),
  (12, 'prospects changed', i.prospects_updated), (13, 'prospects merged', i.prospects_merged),
  (14, 'errors', i.errors), (15, 'warnings', i.warnings)) as w (place, what, count)
where i.import_id = $1
order by w.place
