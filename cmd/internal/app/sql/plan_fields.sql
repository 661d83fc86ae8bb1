-- How many existing prospects a plan changes each field of, most first.
select field, count(*) as prospects from plan_changes group by field order by prospects desc, field
