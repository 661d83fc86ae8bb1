-- Up to $1 erasures that are owed, have no living holder and no job waiting in
-- River; they are due again after $2.
with due as (
  select erasure_id from bateia.erasure_work w
   where not_before <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
     and not exists (
       select from river.river_job j
        where j.kind = 'erase_person' and j.state in ('available', 'retryable', 'scheduled', 'pending')
          and j.args @> jsonb_build_object('erasure_id', w.erasure_id))
   order by not_before
   limit $1
   for update skip locked
)
update bateia.erasure_work w set not_before = clock_timestamp() + $2::interval
  from due d where w.erasure_id = d.erasure_id
returning w.account_id, w.erasure_id
