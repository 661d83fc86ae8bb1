-- How many leads and prospects go; what merged into another prospect is no one more.
-- $1 account.
select (select count(*) from erased_leads),
       (select count(*) from erased_ids e where not exists (select from aliases a where a.account_id = $1 and a.alias_id = e.prospect_id))
