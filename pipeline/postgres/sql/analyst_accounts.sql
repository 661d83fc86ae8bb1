-- Lets login $1 read the accounts with the slugs $2, null for every account.
insert into bateia.analysts (role_name, account_id)
select $1, account_id from bateia.accounts where $2::text[] is null or slug = any ($2)
