-- Ends the scan of bucket $1 with epoch $2 after $3 objects (negative: it broke,
-- and its duration says nothing); the next one is due after $4, and no sooner
-- than ten times its duration.
update bateia.scans
set lease_until = null,
    finished_at = case when $3 >= 0 then clock_timestamp() else finished_at end,
    objects = case when $3 >= 0 then $3 else objects end,
    seconds = case when $3 >= 0 then extract(epoch from clock_timestamp() - started_at) else seconds end,
    next_at = clock_timestamp() + greatest($4::interval,
      case when $3 >= 0 then 10 * (clock_timestamp() - started_at) else interval '0' end)
where bucket = $1 and epoch = $2
