-- Takes erasure $1, when it is owed and nobody holds it, for a lease of $2.
update bateia.erasure_work
   set epoch = epoch + 1, lease_until = clock_timestamp() + $2::interval
 where erasure_id = $1 and (lease_until is null or lease_until < clock_timestamp())
returning account_id, epoch
