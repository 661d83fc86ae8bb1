-- Calls leads that moved by their new places where decisions name them. $1 account, $2
-- what they were called, $3 what they are called now.
with moved as (select unnest($2::text[]) as was, unnest($3::text[]) as now)
update decisions d
   set subject = jsonb_set(d.subject, '{from}', (
         select jsonb_object_agg(coalesce(m.now, e.key), e.value) from jsonb_each(d.subject -> 'from') e left join moved m on m.was = e.key))
 where d.account_id = $1 and d.subject -> 'from' ?| $2
