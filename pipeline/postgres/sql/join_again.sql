-- Lets the value with the key $3, whose first half is $2, join by itself again in
-- account $1: ends the decision that it is shared, and forgets the names that were
-- seen with it, which would bring the decision back. Returns how many decisions
-- ended.
with ended as (
  update bateia.shared_values set revoked_at = clock_timestamp()
  where account_id = $1 and k1 = $2 and revoked_at is null
  returning 1),
joined as (
  update bateia.identities set joins = true, name_hashes = '{}', other_names = null
  where account_id = $1 and key = $3 and exists (select from ended))
select count(*) from ended
