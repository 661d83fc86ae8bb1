-- The holder of epoch $3 of phase $2 of import $1 is alive: the death counted by
-- whoever took over, if any, was none.
update bateia.work
set deaths = greatest(0, deaths - 1), alone = alone and deaths > 0
where import_id = $1 and phase = $2 and epoch > $3 and alone
