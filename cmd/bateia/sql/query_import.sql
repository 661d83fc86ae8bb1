-- The newest imports that the analyst sees whose id begins with $1, two at most,
-- each with its state and whether its rows stand in the views.
select import_id, state, state in ('applied', 'undone')
from report.imports where starts_with(import_id, $1) order by import_id desc limit 2
