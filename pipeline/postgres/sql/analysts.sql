-- The logins of analysts with the slugs of their accounts and when they were made,
-- by name. Those that "bateia query" borrows are left out.
select d.role_name::text, array_agg(a.slug order by a.slug), min(d.created_at)
from bateia.analysts d
join bateia.accounts a using (account_id)
where d.role_name !~ '^bateia_query_'
group by d.role_name
order by d.role_name
