-- The columns of import $1 in the order of its file.
select c.position, c.name, coalesce(c.field, '') as field, c.confidence, c.reason, c.filled, c.valid, c.imported
from report.import_columns c
where c.import_id = $1
order by c.position
