-- One row while the claim (import $1, phase $2, epoch $3) holds, which it then
-- does until the transaction ends.
select true from bateia.work
where import_id = $1 and phase = $2 and epoch = $3 and state = 'running'
for no key update
