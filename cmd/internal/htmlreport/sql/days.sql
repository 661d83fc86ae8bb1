-- One row per day of account $1 with imports, from day $2 to day $3.
select d.day, d.imports, d.applied, d.rejected_files, d.failed, d.undone,
       d.rows_read, d.created, d.updated, d.unchanged, d.duplicate, d.rejected, d.skipped, d.conflict
from report.daily d
where d.account = $1 and d.day between $2 and $3
order by d.day
