-- Accounts by slug: the one with id $1, the one with slug $2, or all when both
-- are null. Columns: id, slug, country, locale, timezone, settings as text.
select account_id, slug, country, locale, timezone, settings::text
from bateia.accounts
where ($1::int is null or account_id = $1) and ($2::text is null or slug = $2)
order by slug
