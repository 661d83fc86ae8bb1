-- True when every component is one star: each node hangs on one other, which
-- hangs on none.
select not exists (select 1 from edges group by b having count(*) > 1)
   and not exists (select 1 from edges e semi join edges f on e.a = f.b);
