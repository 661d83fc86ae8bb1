-- How many rows of import $1 have a warning, the most first.
select c.code, c.rows
from report.issue_counts c
where c.import_id = $1 and c.severity = 'warning'
order by c.rows desc, c.code
