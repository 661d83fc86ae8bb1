-- Nothing is owed any more of the phases $2 of import $1, and whoever works on
-- them is fenced.
update bateia.work
set state = 'done', worker = null, lease_until = null
where import_id = $1 and phase = any($2)
