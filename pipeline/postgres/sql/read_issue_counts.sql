-- How many rows of import $2 of account $1 each code was found in, most first.
select code, severity, rows
from bateia.issue_counts
where account_id = $1 and import_id = $2
order by severity, rows desc, code
