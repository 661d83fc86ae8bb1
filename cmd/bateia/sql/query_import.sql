-- The newest imports that the analyst sees whose id begins with $1, two at most.
select import_id from report.imports where starts_with(import_id, $1) order by import_id desc limit 2
