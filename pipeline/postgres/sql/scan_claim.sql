-- Takes the scan of bucket $1 for lease $2 when it is due and nobody is at it;
-- no row otherwise.
update bateia.scans
set epoch = epoch + 1, lease_until = clock_timestamp() + $2::interval, started_at = clock_timestamp()
where bucket = $1 and next_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
returning epoch
