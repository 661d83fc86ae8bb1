-- Images of the person's prospects, and of any that once had one of its keys. Of
-- values that only it has the first half of the key counts: a split gives the others
-- new second halves. $1 account, $2 first halves as text.
delete from before_images b
 where b.account_id = $1
   and (b.prospect_id in (select prospect_id from erased_ids)
     or b.image -> 'keys' ?| (select coalesce(array_agg(key::text), '{}') from erased_keys)
     or exists (select from jsonb_array_elements_text(b.image -> 'keys') k where left(k, 18) = any ($2::text[])))
