-- Values that the account's settings name. $1 account, $2 values.
update accounts
   set settings = jsonb_set(settings, '{ignore_values}', (select coalesce(jsonb_agg(v), '[]') from jsonb_array_elements_text(settings -> 'ignore_values') v where v <> all ($2::text[])))
 where account_id = $1 and settings -> 'ignore_values' ?| $2::text[]
