-- Sets the pointer of distribution $3 back by as many draws as are gone of $4, unless an
-- import drew that was applied later than $2. $1 account.
update distributions d
   set next = ((d.next - gone.n % cardinality(d.members)) + cardinality(d.members)) % cardinality(d.members)
  from (select $4::bigint - count(*) as n from draws where account_id = $1 and folded = $3) gone
 where d.account_id = $1 and d.folded = $3 and cardinality(d.members) > 0 and gone.n > 0
   and not exists (
     select from draws w join imports i on i.account_id = w.account_id and i.import_id = w.import_id
      where w.account_id = $1 and w.folded = $3
        and i.applied_no > (select applied_no from imports where account_id = $1 and import_id = $2))
