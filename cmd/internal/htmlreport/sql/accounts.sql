-- The accounts that the login sees, with what a report has to know of them; $1
-- names some of them, null all.
select account, country, locale, timezone
from report.accounts
where $1::text[] is null or account = any ($1)
order by account
