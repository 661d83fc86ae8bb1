-- Nothing is owed any more of import $1, and whoever works on it is fenced at
-- its next renewal: the epoch is over.
update bateia.work
set state = 'done', epoch = epoch + 1, worker = null, lease_until = null
where import_id = $1
